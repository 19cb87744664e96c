#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "spectile/grid.hpp"

namespace spectile::products {

/// Ground area of a pixel in square metres where the CRS is projected; nothing for degrees, GCPs or no CRS.
std::optional<double> pixel_area_m2(const Grid& grid);

/// Ground area of the pixels of a grid, row by row.
///
/// Projected CRS: the same everywhere, as its units say; an equal-area projection gives true areas, others
/// nearly so. Degrees on a grid whose rows run along parallels: the area of the cell on a sphere with the
/// ellipsoid's authalic radius, wrong by less than 0.5 %. Otherwise unknown (no CRS, GCPs, turned degrees).
class PixelArea {
public:
    explicit PixelArea(const Grid& grid);
    bool known() const { return constant_ > 0 || degrees_; }
    /// In square metres.
    double of_row(std::int64_t row) const;

private:
    double constant_ = 0;
    bool degrees_ = false;
    double radians_ = 0;  ///< Of one unit of the CRS.
    std::array<double, 6> geotransform_ = {};
};

}  // namespace spectile::products
