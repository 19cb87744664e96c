#pragma once

#include <memory>

#include "raster/source_reader.hpp"

namespace spectile {

/// Reads an uncompressed raw file (ENVI) by positional reads: no mapping, no cache, no GDAL handle.
///
/// Throws Error{Code::missing}, {permission} or {read} at once if the file cannot be opened.
std::unique_ptr<SourceReader> make_raw_reader(const RasterSource& source);

}  // namespace spectile
