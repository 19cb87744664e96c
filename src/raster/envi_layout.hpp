#pragma once

#include <gdal_priv.h>

#include <optional>
#include <string>
#include <vector>

#include "raster/envi_header.hpp"
#include "raster/raster_source.hpp"

namespace spectile {

/// The data file of an ENVI header: users name either. Other names come back unchanged.
///
/// Throws Error{Code::missing} where no file beside the header fits it.
std::string envi_data_file(const std::string& name);

/// Our own reading of the header of an open ENVI raster; empty for other drivers or where it cannot be read.
std::optional<EnviHeader> read_envi_header(GDALDataset& dataset);

/// How the file can be read by positional reads; empty where GDAL has to (compressed, complex, /vsi, odd
/// header).
std::optional<RawLayout> raw_layout(GDALDataset& dataset, const std::string& path, const EnviHeader& header);

/// Throws Error{Code::scene} if an uncompressed raw file is shorter than its header says: GDAL reads the rest
/// as zeros. `samples` is columns times rows times bands; negative stands for more than 64 bits hold.
void check_raw_size(const std::string& path, const EnviHeader& header, std::int64_t samples);

/// For a file that GDAL would not open: throws as check_raw_size if an ENVI header lies beside it and asks
/// for more bytes than there are, which GDAL's own message does not say.
void explain_unopened(const std::string& path);

}  // namespace spectile
