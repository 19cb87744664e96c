#pragma once

#include <gdal_priv.h>

#include <optional>

#include "raster/raster_source.hpp"

namespace spectile {

/// Where the blocks of an open GeoTIFF lie, if it can be read by positional reads; empty where GDAL has to:
/// compressed, not a local file, blocks that are not stored, samples of odd sizes, or too many blocks to
/// list.
std::optional<BlockLayout> tiff_layout(GDALDataset& dataset, const RasterSource& source);

}  // namespace spectile
