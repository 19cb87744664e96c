#pragma once

#include <gdal_priv.h>

#include <string>
#include <vector>

#include "gdal/dataset_handle.hpp"
#include "spectile/data_type.hpp"

namespace spectile {

/// Opens a raster read-only.
/// Throws Error{Code::missing} where the file is not there, {permission} where it may not be read, {scene}
/// where GDAL does not recognise it; the name is in the message, GDAL's words in the detail.
DatasetHandle open_raster(const std::string& name, const std::vector<std::string>& open_options);

/// As `open_raster`, for vectors.
DatasetHandle open_vector(const std::string& name, const std::vector<std::string>& open_options = {});

/// Whether GDAL would open it as a vector (and not as a raster).
bool is_vector(const std::string& name);

/// The type of a band's values under our names; the signed bytes of GDAL before 3.7 are Int8.
DataType data_type_of(GDALRasterBand& band);

}  // namespace spectile
