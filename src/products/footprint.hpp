#pragma once

#include <array>
#include <optional>
#include <string>

#include "spectile/grid.hpp"

namespace spectile::products {

/// Where a grid lies on the earth as GeoJSON (RFC 7946) has it: longitude before latitude on WGS 84, outer
/// rings counter-clockwise, coordinates to 1e-7 degrees.
struct Footprint {
    /// A Polygon, or a MultiPolygon cut along the antimeridian.
    std::string geometry;
    /// West, south, east, north; west is greater than east where the antimeridian is crossed.
    std::array<double, 4> bbox = {};
};

/// The outline of the whole grid (pixels without measurement included), its edges cut into pieces before they
/// are bent. By the geotransform and CRS; else by GCPs, RPC or geolocation arrays, as GDAL's transformer
/// takes them. Nothing where the grid has no CRS, or where the outline has no finite place on the earth.
std::optional<Footprint> footprint_of(const Grid& grid);

/// Names of a CRS (WKT): "EPSG:32633" where it has a code, else its PROJJSON; both empty where there is none.
struct CrsNames {
    std::string code, projjson;
};
CrsNames crs_names(const std::string& wkt);

}  // namespace spectile::products
