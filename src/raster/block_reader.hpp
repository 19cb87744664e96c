#pragma once

#include <memory>

#include "raster/source_reader.hpp"

namespace spectile {

/// Reads the blocks of an uncompressed file (GeoTIFF) by positional reads: no cache, no GDAL handle.
///
/// Throws Error{Code::missing}, {permission} or {read} at once if the file cannot be opened.
std::unique_ptr<SourceReader> make_block_reader(const RasterSource& source);

}  // namespace spectile
