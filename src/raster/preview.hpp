#pragma once

#include <gdal_priv.h>

#include <string>

// A quick look at a whole scene: a virtual raster that shows every n-th pixel, from overviews where there are
// any.

namespace spectile {

/// Pixels of the raster, in a row and in a column, for one of a view no longer than `longest`; 1 where it is
/// that small already, or `longest` is 0.
int preview_step(GDALDataset& dataset, int longest);

/// The view's GDAL name, in memory as long as the process lives, opened by any thread; metadata, nodata and
/// masks are the raster's. Throws Error{Code::scene} naming it.
std::string coarse_view(GDALDataset& dataset, const std::string& name, int step);

bool is_coarse_view(const std::string& name);

}  // namespace spectile
