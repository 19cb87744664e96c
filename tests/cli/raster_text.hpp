#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace spectile::test {

/// `gdalinfo -json` of a raster, with the checksum of every band where asked. Fails the test where GDAL
/// refuses.
nlohmann::json gdalinfo(const std::string& path, bool checksums = false);

/// Checksums of all bands, in order.
std::vector<int> checksums(const std::string& path);

/// The CRS as a PROJ string: equal for equal systems, however a driver words its WKT.
std::string crs(const std::string& path);

/// Runs a GDAL program and fails the test unless it ends well.
void gdal(const std::vector<std::string>& command);

}  // namespace spectile::test
