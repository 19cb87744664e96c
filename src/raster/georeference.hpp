#pragma once

#include <gdal_priv.h>

#include <string>

#include "spectile/grid.hpp"

namespace spectile {

/// Size and georeference of an open dataset, with everything that products carry on.
Grid read_grid(GDALDataset& dataset);

/// WKT2 (2019) of a CRS; empty where there is none.
std::string wkt2_of(const OGRSpatialReference* crs);

/// A CRS in any form PROJ takes, with x before y (GDAL's traditional order).
/// Throws Error{Code::definition} quoting the text.
OGRSpatialReference crs_of(const std::string& text);

/// "WGS 84 / UTM zone 33N (EPSG:32633)"; "none" for an empty text.
std::string crs_name(const std::string& wkt);

/// "geotransform", "gcps", "rpc", "geolocation" or "none": what the raster is georeferenced by first of all.
std::string georeference_kind(const Georeference& georeference);

/// In which way `other` is not on `grid`, in words for a message ("is shifted by 0.5 columns ..."); empty
/// where it is.
///
/// Sizes must be equal, corners within a millionth of a pixel, CRS equivalent.
std::string grid_difference(const Grid& grid, const Grid& other);

}  // namespace spectile
