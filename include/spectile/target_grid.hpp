#pragma once

#include <optional>
#include <string>
#include <vector>

#include "spectile/grid.hpp"

namespace spectile {

/// The one way by which PROJ brings coordinates of one CRS into another.
struct CoordinateOperation {
    std::string name;                ///< PROJ's: "Inverse of UTM zone 33N + ...".
    std::string pipeline;            ///< PROJ string, in the axis order of the two CRS; empty: they are one.
    std::optional<double> accuracy;  ///< Metres; empty where PROJ does not know it.
    std::vector<std::string> grids;  ///< Names of the grid files that it reads.
};

/// The grid that finished rasters are warped to, and everything that decides how.
struct TargetGrid {
    Grid grid;
    std::string crs_name;  ///< For people: "WGS 84 / UTM zone 33N (EPSG:32633)".
    double resolution = 0;
    CoordinateOperation operation;  ///< From the scene's CRS.
    std::string resampling;         ///< GDAL's name, of values that may be mixed.
    std::string class_resampling;   ///< near or mode, of class values.
    /// Target pixels per source pixel along the source's columns and rows. Worked out once for the whole
    /// raster: GDAL would take another for each chunk, and pixels would depend on the memory allowed.
    double x_scale = 1, y_scale = 1;
};

}  // namespace spectile
