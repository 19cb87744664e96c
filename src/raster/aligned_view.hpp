#pragma once

#include <gdal_priv.h>

#include <string>

#include "spectile/grid.hpp"

// A raster seen on another one's grid: a virtual raster that is warped as it is read.

namespace spectile {

/// The grid that a raster is brought to, and how.
struct Alignment {
    const Grid& onto;
    std::string onto_name;   ///< For messages.
    std::string resampling;  ///< GDAL's name: near, bilinear, cubic, cubicspline, lanczos or average.
};

/// The view's GDAL name, in memory as long as the process lives, opened by any thread. Its bands are the
/// raster's, with their types and nodata values, and one of alpha behind them, which is 0 beside the raster.
///
/// The transformation is exact, on one thread, and the ratio of the pixels' sizes is worked out once for the
/// whole raster, so that a window read by itself has the very pixels of one warp of everything.
/// Throws Error{Code::scene} for a raster without a geotransform, one with a CRS where the other has none,
/// CRS between which PROJ knows no exact way, and signed bytes.
std::string aligned_view(GDALDataset& dataset, const std::string& name, const Alignment& alignment);

bool is_aligned_view(const std::string& name);

}  // namespace spectile
