#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "spectile/window.hpp"

namespace spectile {

/// A ground control point, as GDAL's GDAL_GCP: pixel and line in the raster, x, y, z in the GCPs' CRS.
struct GroundControlPoint {
    std::string id;
    std::string info;
    double pixel = 0, line = 0;
    double crs_x = 0, crs_y = 0, crs_z = 0;
    bool operator==(const GroundControlPoint&) const = default;
};

/// Where the pixels of a raster lie on the ground: any of a geotransform, GCPs, RPC, geolocation arrays, or
/// none.
///
/// All of it is carried from the scene to its products. CRS are WKT2.
struct Georeference {
    std::string crs_wkt;                                      ///< Empty where the raster has none.
    bool has_geotransform = false;                            ///< False: `geotransform` says nothing.
    std::array<double, 6> geotransform = {0, 1, 0, 0, 0, 1};  ///< GDAL's six numbers, exact doubles.
    std::vector<GroundControlPoint> gcps;
    std::string gcp_crs_wkt;
    std::map<std::string, std::string> rpc;          ///< GDAL's RPC domain.
    std::map<std::string, std::string> geolocation;  ///< GDAL's GEOLOCATION domain.
    std::string area_or_point;                       ///< "Area", "Point" or empty.
    std::map<std::string, std::string> tiff_tags;    ///< TIFFTAG_* items of the default domain.
    bool operator==(const Georeference&) const = default;

    bool empty() const { return !has_geotransform && gcps.empty() && rpc.empty() && geolocation.empty(); }
};

/// Size and georeference of a raster.
struct Grid {
    std::int64_t width = 0;
    std::int64_t height = 0;
    Georeference georeference;

    Window window() const { return {0, 0, width, height}; }
    bool operator==(const Grid&) const = default;
};

/// The grid of `window` cut out of `grid`: geotransform, GCPs, RPC and geolocation offsets shifted by whole
/// pixels.
///
/// The origin is worked out as GDAL does (`gt0 + x*gt1 + y*gt2`), so it equals `gdal_translate -srcwin` to
/// the bit. Throws Error{Code::internal} if `window` is empty or leaves the grid.
Grid crop(const Grid& grid, const Window& window);

}  // namespace spectile
