#include "raster/georeference.hpp"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <fmt/format.h>
#include <ogr_spatialref.h>

#include <algorithm>
#include <cmath>

#include "gdal/errors.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

/// Two grids are one if their corners lie within this many pixels.
constexpr double kSameCorner = 1e-6;

std::map<std::string, std::string> items_of(CSLConstList list, const char* prefix = "") {
    std::map<std::string, std::string> items;
    for (; list && *list; ++list) {
        char* key = nullptr;
        const char* value = CPLParseNameValue(*list, &key);
        if (key && value && std::string(key).starts_with(prefix)) items[key] = value;
        CPLFree(key);
    }
    return items;
}

std::string text_of(const char* text) { return text ? text : ""; }

bool same_crs(const std::string& a, const std::string& b) {
    if (a == b) return true;
    if (a.empty() || b.empty()) return false;
    const OGRSpatialReference left = crs_of(a), right = crs_of(b);
    static constexpr const char* kOptions[] = {"CRITERION=EQUIVALENT_EXCEPT_AXIS_ORDER_GEOGCRS",
                                               "IGNORE_DATA_AXIS_TO_SRS_AXIS_MAPPING=YES", nullptr};
    return left.IsSame(&right, kOptions);
}

/// Where the other grid's corner (col, row) lies in this grid's pixels.
std::array<double, 2> in_pixels(const std::array<double, 6>& inverse, const std::array<double, 6>& other,
                                double col, double row) {
    const double x = other[0] + col * other[1] + row * other[2];
    const double y = other[3] + col * other[4] + row * other[5];
    return {inverse[0] + x * inverse[1] + y * inverse[2], inverse[3] + x * inverse[4] + y * inverse[5]};
}

std::string geotransform_difference(const Grid& grid, const Grid& other) {
    auto a = grid.georeference.geotransform;
    const auto& b = other.georeference.geotransform;
    if (a == b) return {};
    std::array<double, 6> inverse{};
    if (!GDALInvGeoTransform(a.data(), inverse.data()))
        return "has another geotransform (the first cannot be inverted)";
    const auto origin = in_pixels(inverse, b, 0, 0);
    double worst = 0;
    for (const double col : {0.0, static_cast<double>(grid.width)})
        for (const double row : {0.0, static_cast<double>(grid.height)}) {
            const auto at = in_pixels(inverse, b, col, row);
            worst = std::max({worst, std::abs(at[0] - col), std::abs(at[1] - row)});
        }
    if (worst <= kSameCorner) return {};
    const auto end = in_pixels(inverse, b, static_cast<double>(grid.width), static_cast<double>(grid.height));
    const double stretch = std::max(std::abs(end[0] - origin[0] - static_cast<double>(grid.width)),
                                    std::abs(end[1] - origin[1] - static_cast<double>(grid.height)));
    if (stretch > kSameCorner)
        return fmt::format("has another pixel size or rotation (corners differ by {:.6g} pixels)", worst);
    const auto is_half = [](double d) { return std::abs(std::abs(d - std::trunc(d)) - 0.5) < 1e-3; };
    const char* hint = is_half(origin[0]) || is_half(origin[1])
                           ? " (half a pixel: corner against centre of the pixel?)"
                           : "";
    return fmt::format("is shifted by {:.6g} columns and {:.6g} rows{}", origin[0], origin[1], hint);
}

}  // namespace

std::string wkt2_of(const OGRSpatialReference* crs) {
    if (!crs || crs->IsEmpty()) return {};
    static constexpr const char* kOptions[] = {"FORMAT=WKT2_2019", nullptr};
    char* text = nullptr;
    GdalErrors quiet;  // A CRS that cannot be written is a CRS that cannot be used: none.
    const bool written = crs->exportToWkt(&text, kOptions) == OGRERR_NONE;
    const std::string out = written ? text_of(text) : std::string();
    CPLFree(text);
    return out;
}

OGRSpatialReference crs_of(const std::string& text) {
    GdalErrors errors;
    OGRSpatialReference crs;
    if (crs.SetFromUserInput(text.c_str()) != OGRERR_NONE)
        throw Error(
            Code::definition,
            "'" + text.substr(0, 80) + "' is no CRS that PROJ knows; write EPSG:CODE, WKT or a PROJ string",
            errors.text());
    crs.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    return crs;
}

std::string crs_name(const std::string& wkt) {
    if (wkt.empty()) return "none";
    const OGRSpatialReference crs = crs_of(wkt);
    const char* code = crs.GetAuthorityCode(nullptr);
    return text_of(crs.GetName()) +
           (code ? " (" + text_of(crs.GetAuthorityName(nullptr)) + ":" + code + ")" : "");
}

Grid read_grid(GDALDataset& dataset) {
    GdalErrors quiet;  // Damaged georeference is no reason not to open; what is left says what there is.
    Grid grid;
    grid.width = dataset.GetRasterXSize();
    grid.height = dataset.GetRasterYSize();
    Georeference& geo = grid.georeference;
    geo.crs_wkt = wkt2_of(dataset.GetSpatialRef());
    geo.has_geotransform = dataset.GetGeoTransform(geo.geotransform.data()) == CE_None;
    if (!geo.has_geotransform) geo.geotransform = {0, 1, 0, 0, 0, 1};
    for (int i = 0; i < dataset.GetGCPCount(); ++i) {
        const GDAL_GCP& gcp = dataset.GetGCPs()[i];
        geo.gcps.push_back({text_of(gcp.pszId), text_of(gcp.pszInfo), gcp.dfGCPPixel, gcp.dfGCPLine,
                            gcp.dfGCPX, gcp.dfGCPY, gcp.dfGCPZ});
    }
    if (!geo.gcps.empty()) geo.gcp_crs_wkt = wkt2_of(dataset.GetGCPSpatialRef());
    geo.rpc = items_of(dataset.GetMetadata("RPC"));
    geo.geolocation = items_of(dataset.GetMetadata("GEOLOCATION"));
    geo.area_or_point = text_of(dataset.GetMetadataItem("AREA_OR_POINT"));
    geo.tiff_tags = items_of(dataset.GetMetadata(), "TIFFTAG_");
    return grid;
}

std::string georeference_kind(const Georeference& georeference) {
    if (georeference.has_geotransform) return "geotransform";
    if (!georeference.gcps.empty()) return "gcps";
    if (!georeference.rpc.empty()) return "rpc";
    if (!georeference.geolocation.empty()) return "geolocation";
    return "none";
}

std::string grid_difference(const Grid& grid, const Grid& other) {
    if (grid.width != other.width || grid.height != other.height)
        return fmt::format("is {}x{} pixels, not {}x{}", other.width, other.height, grid.width, grid.height);
    const Georeference &a = grid.georeference, &b = other.georeference;
    const std::string kind_a = georeference_kind(a), kind_b = georeference_kind(b);
    if (kind_a != kind_b) return "is georeferenced by " + kind_b + ", not by " + kind_a;
    if (!same_crs(a.crs_wkt, b.crs_wkt))
        return "has the CRS " + crs_name(b.crs_wkt) + ", not " + crs_name(a.crs_wkt);
    if (a.has_geotransform) return geotransform_difference(grid, other);
    if (a.gcps != b.gcps || a.rpc != b.rpc || a.geolocation != b.geolocation) return "has other " + kind_b;
    return {};
}

}  // namespace spectile
