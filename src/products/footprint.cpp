#include "products/footprint.hpp"

#include <gdal_alg.h>
#include <ogr_geometry.h>
#include <ogr_spatialref.h>

#include <cmath>
#include <memory>
#include <vector>

#include "products/describe_raster.hpp"
#include "products/gdal_dataset.hpp"

namespace spectile::products {
namespace {

constexpr int kEdgePieces = 32;  ///< Of each edge.
constexpr const char* kPrecision[] = {"COORDINATE_PRECISION=7", nullptr};

using GeometryPtr = std::unique_ptr<OGRGeometry>;
struct EdgePoint {
    double x = 0, y = 0;
};

OGRSpatialReference lon_lat() {
    OGRSpatialReference crs;
    crs.SetWellKnownGeogCS("WGS84");
    crs.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    return crs;
}

/// Points along the grid's edges, in pixels, round by round and closed.
std::vector<EdgePoint> edge_of(const Grid& grid) {
    const auto w = static_cast<double>(grid.width), h = static_cast<double>(grid.height);
    const EdgePoint corners[] = {{0, 0}, {0, h}, {w, h}, {w, 0}, {0, 0}};
    std::vector<EdgePoint> out;
    for (int side = 0; side < 4; ++side)
        for (int i = 0; i < kEdgePieces; ++i) {
            const double f = static_cast<double>(i) / kEdgePieces;
            out.push_back({corners[side].x + f * (corners[side + 1].x - corners[side].x),
                           corners[side].y + f * (corners[side + 1].y - corners[side].y)});
        }
    out.push_back(corners[0]);
    return out;
}

GeometryPtr polygon_of(const std::vector<EdgePoint>& ring) {
    OGRLinearRing line;
    for (const auto& point : ring) line.addPoint(point.x, point.y);
    auto polygon = std::make_unique<OGRPolygon>();
    polygon->addRing(&line);
    return polygon;
}

/// Into longitude and latitude; OGR cuts at the antimeridian and goes round poles.
GeometryPtr wrapped(const OGRGeometry& geometry, const OGRSpatialReference& from) {
    const OGRSpatialReference to = lon_lat();
    const std::unique_ptr<OGRCoordinateTransformation> transformation(
        OGRCreateCoordinateTransformation(&from, &to));
    if (!transformation) return nullptr;
    char* options[] = {const_cast<char*>("WRAPDATELINE=YES"), nullptr};
    return GeometryPtr(OGRGeometryFactory::transformWithOptions(&geometry, transformation.get(), options));
}

GeometryPtr by_geotransform(const Grid& grid) {
    OGRSpatialReference crs;
    if (crs.SetFromUserInput(grid.georeference.crs_wkt.c_str()) != OGRERR_NONE || crs.IsLocal())
        return nullptr;
    crs.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    const auto& t = grid.georeference.geotransform;
    auto ring = edge_of(grid);
    for (auto& [x, y] : ring) {
        const double col = x, row = y;
        x = t[0] + col * t[1] + row * t[2];
        y = t[3] + col * t[4] + row * t[5];
    }
    return wrapped(*polygon_of(ring), crs);
}

/// Neighbours in a ring lie less than half the earth apart: 179 then -179 is 179 then 181, which OGR cuts.
void unwrap(std::vector<EdgePoint>& ring) {
    for (std::size_t i = 1; i < ring.size(); ++i)
        ring[i].x += 360 * std::round((ring[i - 1].x - ring[i].x) / 360);
}

GeometryPtr by_transformer(const Grid& grid) {
    const DatasetHandle dataset(driver_of("MEM").Create("", static_cast<int>(grid.width),
                                                        static_cast<int>(grid.height), 0, GDT_Byte, nullptr));
    if (!dataset) return nullptr;
    describe_dataset(*dataset, grid.georeference, {});
    char* options[] = {const_cast<char*>("DST_SRS=OGC:CRS84"), nullptr};
    const std::unique_ptr<void, void (*)(void*)> transformer(
        GDALCreateGenImgProjTransformer2(GDALDataset::ToHandle(dataset.get()), nullptr, options),
        GDALDestroyGenImgProjTransformer);
    if (!transformer) return nullptr;
    auto ring = edge_of(grid);
    for (auto& [x, y] : ring) {
        double z = 0;
        int good = 0;
        GDALGenImgProjTransform(transformer.get(), FALSE, 1, &x, &y, &z, &good);
        if (!good || !std::isfinite(x + y)) return nullptr;
    }
    unwrap(ring);
    return wrapped(*polygon_of(ring), lon_lat());
}

/// West and east of an outline that was cut at the antimeridian are those of its two sides.
std::array<double, 4> footprint_box(const OGRGeometry& outline) {
    OGREnvelope all;
    outline.getEnvelope(&all);
    std::array<double, 4> box = {all.MinX, all.MinY, all.MaxX, all.MaxY};
    if (wkbFlatten(outline.getGeometryType()) == wkbMultiPolygon && all.MinX <= -180 && all.MaxX >= 180) {
        double west = 180, east = -180;
        for (const auto* part : *outline.toMultiPolygon()) {
            OGREnvelope one;
            part->getEnvelope(&one);
            if (one.MinX <= -180 && one.MaxX >= 180) return box;  // Round a pole: all longitudes.
            if (one.MaxX >= 180) west = std::min(west, one.MinX);
            if (one.MinX <= -180) east = std::max(east, one.MaxX);
        }
        box[0] = west;
        box[2] = east;
    }
    for (double& value : box) value = std::round(value * 1e7) / 1e7;
    return box;
}

/// RFC 7946: outer rings counter-clockwise.
void turn(OGRGeometry& outline) {
    const auto turn_one = [](OGRPolygon& polygon) {
        if (auto* ring = polygon.getExteriorRing(); ring && ring->isClockwise()) ring->reverseWindingOrder();
    };
    if (wkbFlatten(outline.getGeometryType()) == wkbPolygon) return turn_one(*outline.toPolygon());
    for (auto* part : *outline.toMultiPolygon()) turn_one(*part);
}

std::string authority_code(const OGRSpatialReference& crs) {
    const char *authority = crs.GetAuthorityName(nullptr), *code = crs.GetAuthorityCode(nullptr);
    return authority && code ? std::string(authority) + ":" + code : "";
}

/// As the CRS says, or what GDAL identifies it as (ENVI headers name no code), if that is the same system.
std::string code_of(const OGRSpatialReference& crs) {
    if (const auto said = authority_code(crs); !said.empty()) return said;
    OGRSpatialReference guessed = crs;
    if (guessed.AutoIdentifyEPSG() != OGRERR_NONE) return {};
    const std::string code = authority_code(guessed);
    OGRSpatialReference named;
    if (code.empty() || named.SetFromUserInput(code.c_str()) != OGRERR_NONE) return {};
    static constexpr const char* kOptions[] = {"CRITERION=EQUIVALENT_EXCEPT_AXIS_ORDER_GEOGCRS",
                                               "IGNORE_DATA_AXIS_TO_SRS_AXIS_MAPPING=YES", nullptr};
    return named.IsSame(&crs, kOptions) ? code : "";
}

bool is_outline(const OGRGeometry* geometry) {
    if (!geometry || geometry->IsEmpty()) return false;
    const auto type = wkbFlatten(geometry->getGeometryType());
    OGREnvelope box;
    geometry->getEnvelope(&box);
    return (type == wkbPolygon || type == wkbMultiPolygon) &&
           std::isfinite(box.MinX + box.MinY + box.MaxX + box.MaxY);
}

}  // namespace

std::optional<Footprint> footprint_of(const Grid& grid) {
    const Georeference& geo = grid.georeference;
    if (geo.empty()) return std::nullopt;
    start_gdal();
    GdalErrors quiet;  // What cannot be placed has no footprint; the caller says so.
    const bool plain = geo.has_geotransform;
    if (plain && geo.crs_wkt.empty()) return std::nullopt;
    const GeometryPtr outline = plain ? by_geotransform(grid) : by_transformer(grid);
    if (!is_outline(outline.get())) return std::nullopt;
    turn(*outline);
    Footprint out;
    const std::unique_ptr<char, void (*)(void*)> text(
        OGR_G_ExportToJsonEx(OGRGeometry::ToHandle(outline.get()), const_cast<char**>(kPrecision)), VSIFree);
    if (!text) return std::nullopt;
    out.geometry = text.get();
    out.bbox = footprint_box(*outline);
    return out;
}

CrsNames crs_names(const std::string& wkt) {
    if (wkt.empty()) return {};
    GdalErrors quiet;
    OGRSpatialReference crs;
    if (crs.SetFromUserInput(wkt.c_str()) != OGRERR_NONE) return {};
    if (const auto code = code_of(crs); !code.empty()) return {code, {}};
    char* json = nullptr;
    CrsNames names;
    if (crs.exportToPROJJSON(&json, nullptr) == OGRERR_NONE && json) names.projjson = json;
    CPLFree(json);
    return names;
}

}  // namespace spectile::products
