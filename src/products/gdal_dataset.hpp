#pragma once

#include <gdal_priv.h>

#include <string>

#include "gdal/dataset_handle.hpp"
#include "gdal/errors.hpp"
#include "gdal/setup.hpp"
#include "spectile/data_type.hpp"

namespace spectile::products {

/// Throws Error{Code::definition} where GDAL has no such driver.
GDALDriver& driver_of(const std::string& name);
/// Int8 is Byte with PIXELTYPE=SIGNEDBYTE before GDAL 3.7.
GDALDataType gdal_type_of(DataType type);
bool needs_signed_byte(DataType type);
/// The raster at `path`, read-only. Throws Error{Code::missing} or Error{Code::read} naming it.
DatasetHandle open_raster(const std::string& path);
/// ZSTD where the driver has it, else DEFLATE.
std::string lossless_codec(GDALDriver& driver);

}  // namespace spectile::products
