#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "spectile/grid.hpp"
#include "spectile/pipeline.hpp"

class OGRGeometry;

namespace spectile {

/// A set of pixels of a grid: a window or polygons, by the rule that a pixel belongs if its centre lies inside.
///
/// Polygons are kept in pixel coordinates of the grid and rasterised (GDAL's own algorithm) in cells that are anchored
/// at the grid's origin, so that a pixel's answer does not depend on the window it is asked through.
/// Const and shared once made; each thread rasterises through an `AreaReader` of its own.
class Area {
public:
    /// Throws Error{Code::scene} naming the vector (no polygon in it, no common CRS, no geotransform), {missing}.
    static std::shared_ptr<const Area> of_window(const Window& window);
    static std::shared_ptr<const Area> of_box(const Grid& grid, const std::array<double, 4>& box, const std::string& crs);
    static std::shared_ptr<const Area> of_vector(const Grid& grid, const std::string& name);
    ~Area();

    /// Smallest window with every pixel of the area, clipped to the grid; may be empty.
    const Window& extent() const { return extent_; }
    const std::vector<OGRGeometry*>& polygons() const { return polygons_; }
    bool is_window() const { return polygons_.empty(); }

private:
    Area() = default;
    static std::shared_ptr<const Area> of_polygons(const Grid& grid, std::vector<std::unique_ptr<OGRGeometry>> polygons, const std::string& crs_wkt,
                                                   const std::string& name);

    Window extent_;
    std::vector<OGRGeometry*> polygons_;  ///< Owned, in pixel coordinates; empty for windows.
};

/// Clears the mask outside an area. Belongs to one thread at a time; remembers the cells it rasterised last.
class AreaReader {
public:
    explicit AreaReader(std::shared_ptr<const Area> area) : area_(std::move(area)) {}
    void clear_outside(const Window& window, std::uint8_t* valid);

private:
    struct Cell {
        std::int64_t column = 0, row = 0;
        std::vector<std::uint8_t> inside;
    };
    const Cell& cell(std::int64_t column, std::int64_t row);

    std::shared_ptr<const Area> area_;
    std::list<Cell> cells_;  ///< Last used first.
};

/// The area that a definition names; null where it names none.
std::shared_ptr<const Area> make_area(const Grid& grid, const AreaOfInterest& aoi);

}  // namespace spectile
