#include "products/media_type.hpp"

#include <filesystem>

#include "products/gdal_dataset.hpp"

namespace spectile::products {
namespace {

struct MediaType {
    const char *key, *type;
};
constexpr const char* kUnknownBytes = "application/octet-stream";
// GDAL gives TIFF the bare type, and these others none.
constexpr MediaType kByDriver[] = {{"COG", "image/tiff; application=geotiff; profile=cloud-optimized"},
                                   {"GTiff", "image/tiff; application=geotiff"},
                                   {"netCDF", "application/netcdf"}};
constexpr MediaType kByExtension[] = {{".gpkg", "application/geopackage+sqlite3"},
                                      {".geojson", "application/geo+json"},
                                      {".fgb", "application/vnd.flatgeobuf"},
                                      {".csv", "text/csv"},
                                      {".json", "application/json"},
                                      {".html", "text/html"},
                                      {".htm", "text/html"}};

}  // namespace

std::string media_type_of_driver(const std::string& driver) {
    for (const auto& [key, type] : kByDriver)
        if (driver == key) return type;
    const char* mime = driver_of(driver).GetMetadataItem(GDAL_DMD_MIMETYPE);
    return mime && *mime ? mime : kUnknownBytes;
}

std::string media_type_of_file(const std::string& path) {
    const std::string extension = std::filesystem::path(path).extension().string();
    for (const auto& [key, type] : kByExtension)
        if (extension == key) return type;
    return kUnknownBytes;
}

}  // namespace spectile::products
