#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "raster/burnt_cells.hpp"
#include "spectile/grid.hpp"
#include "spectile/pipeline.hpp"

namespace spectile {

/// A set of pixels of a grid: a window or polygons, by the rule that a pixel belongs if its centre lies
/// inside.
///
/// Const and shared once made; each thread asks through an `AreaReader` of its own.
class Area {
public:
    static std::shared_ptr<const Area> of_window(const Window& window);
    /// A box in `crs` (empty: the grid's). Throws Error{Code::definition}, {scene}.
    static std::shared_ptr<const Area> of_box(const Grid& grid, const std::array<double, 4>& box,
                                              const std::string& crs);
    /// The polygons of a vector. Throws Error{Code::missing}, {scene} (no polygon, no common CRS, no
    /// geotransform).
    static std::shared_ptr<const Area> of_vector(const Grid& grid, const std::string& name);

    /// A window that holds every pixel of the area, clipped to the grid; may be empty.
    const Window& extent() const { return extent_; }
    /// In pixel coordinates; empty for windows.
    const std::vector<PlacedFeature>& polygons() const { return polygons_; }

private:
    Area(const Grid& grid, std::vector<PlacedFeature> polygons);
    explicit Area(const Window& window) : extent_(window) {}

    Window extent_;
    std::vector<PlacedFeature> polygons_;
};

/// Clears the mask outside an area. Belongs to one thread at a time.
class AreaReader {
public:
    explicit AreaReader(std::shared_ptr<const Area> area)
        : area_(std::move(area)), cells_(area_->polygons(), 0) {}
    void clear_outside(const Window& window, std::uint8_t* valid);

private:
    std::shared_ptr<const Area> area_;
    BurntCells<std::uint8_t> cells_;
};

/// The area that a definition names; null where it names none.
std::shared_ptr<const Area> make_area(const Grid& grid, const AreaOfInterest& aoi);

}  // namespace spectile
