#pragma once

#include <string>

namespace spectile::products {

/// The media type of a file that a GDAL driver writes, as STAC names it ("image/tiff; application=geotiff;
/// ...").
std::string media_type_of_driver(const std::string& driver);

/// The same by a file's extension, of what no raster driver wrote: features, pages, JSON.
std::string media_type_of_file(const std::string& path);

}  // namespace spectile::products
