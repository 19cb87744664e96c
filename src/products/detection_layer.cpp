#include "products/detection_layer.hpp"

#include <algorithm>
#include <array>

#include "spectile/error.hpp"

namespace spectile::products {
namespace {

struct Column {
    const char* name;
    OGRFieldType type;
};

constexpr Column kColumns[] = {{"id", OFTInteger64},
                               {"scene", OFTString},
                               {"x", OFTReal},
                               {"y", OFTReal},
                               {"lon", OFTReal},
                               {"lat", OFTReal},
                               {"area_px", OFTInteger64},
                               {"area_m2", OFTReal},
                               {"mean_score", OFTReal},
                               {"max_score", OFTReal},
                               {"xmin", OFTReal},
                               {"ymin", OFTReal},
                               {"xmax", OFTReal},
                               {"ymax", OFTReal},
                               {"units", OFTString}};

using Transformation = std::unique_ptr<OGRCoordinateTransformation>;

std::unique_ptr<OGRSpatialReference> crs_of(const Georeference& georeference) {
    if (!georeference.has_geotransform || georeference.crs_wkt.empty()) return nullptr;
    auto crs = std::make_unique<OGRSpatialReference>();
    if (crs->importFromWkt(georeference.crs_wkt.c_str()) != OGRERR_NONE) return nullptr;
    crs->SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    return crs;
}

}  // namespace

GroundPlacing::GroundPlacing(const Grid& grid, const TargetGrid* target)
    : georeference_(grid.georeference), crs_(crs_of(grid.georeference)) {
    if (!crs_) return;
    if (target && !target->operation.pipeline.empty()) {
        target_crs_ = crs_of(target->grid.georeference);
        OGRCoordinateTransformationOptions options;
        options.SetCoordinateOperation(target->operation.pipeline.c_str(), false);
        to_target_.reset(OGRCreateCoordinateTransformation(crs_.get(), target_crs_.get(), options));
        if (!to_target_) throw Error(Code::internal, "no way leads to the target's CRS");
    }
    const GdalErrors unheard;  // A CRS without a way to WGS 84 leaves longitude and latitude empty.
    OGRSpatialReference wgs84;
    wgs84.importFromEPSG(4326);
    wgs84.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    to_wgs84_.reset(OGRCreateCoordinateTransformation(crs_.get(), &wgs84));
}

void GroundPlacing::to_crs(double& x, double& y) const {
    if (!on_ground()) return;
    const auto& gt = georeference_.geotransform;
    const double col = x, row = y;
    x = gt[0] + col * gt[1] + row * gt[2];
    y = gt[3] + col * gt[4] + row * gt[5];
}

void GroundPlacing::to_crs(OGRGeometry& geometry) const {
    for (auto* polygon : *geometry.toMultiPolygon())
        for (auto* ring : *polygon)
            for (int i = 0; i < ring->getNumPoints(); ++i) {
                double x = ring->getX(i), y = ring->getY(i);
                to_crs(x, y);
                ring->setPoint(i, x, y);
            }
}

void GroundPlacing::to_layer(OGRGeometry& geometry) const {
    if (!to_target_) return;
    const GdalErrors errors;
    if (geometry.transform(to_target_.get()) != OGRERR_NONE)
        throw Error(Code::write, "a detection has no place in the CRS of the target; choose another",
                    errors.text());
}

std::optional<std::pair<double, double>> GroundPlacing::longitude_latitude(double crs_x, double crs_y) const {
    if (!to_wgs84_) return std::nullopt;
    const GdalErrors unheard;
    if (!to_wgs84_->Transform(1, &crs_x, &crs_y)) return std::nullopt;
    return std::pair{crs_x, crs_y};
}

std::optional<double> GroundPlacing::square_metres(const OGRGeometry& outline) const {
    if (!on_ground()) return std::nullopt;
    if (crs_->IsProjected()) {
        const double metres = crs_->GetLinearUnits();
        return outline.toMultiPolygon()->get_Area() * metres * metres;
    }
    const GdalErrors unheard;
    OGREnvelope box;
    outline.getEnvelope(&box);
    const auto centre = longitude_latitude((box.MinX + box.MaxX) / 2, (box.MinY + box.MaxY) / 2);
    if (!centre) return std::nullopt;
    OGRSpatialReference flat;
    flat.SetWellKnownGeogCS("WGS84");
    flat.SetLAEA(centre->second, centre->first, 0, 0);
    flat.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    const Transformation to_flat(OGRCreateCoordinateTransformation(crs_.get(), &flat));
    const std::unique_ptr<OGRGeometry> copy(outline.clone());
    if (!to_flat || copy->transform(to_flat.get()) != OGRERR_NONE) return std::nullopt;
    return copy->toMultiPolygon()->get_Area();
}

void define_columns(OGRLayer& layer) {
    for (const auto& column : kColumns) {
        OGRFieldDefn field(column.name, column.type);
        if (layer.CreateField(&field) != OGRERR_NONE)
            throw Error(Code::write, std::string("the column ") + column.name + " cannot be made");
    }
}

void add_detection(OGRLayer& layer, const GroundPlacing& placing, const DetectionFeature& feature,
                   const std::string& scene, std::int64_t id) {
    double x = feature.x, y = feature.y;
    placing.to_crs(x, y);
    auto outline = std::unique_ptr<OGRGeometry>(feature.outline->clone());
    placing.to_crs(*outline);
    const auto place = placing.longitude_latitude(x, y);
    const auto area = placing.square_metres(*outline);
    OGRPoint centre(x, y);
    placing.to_layer(centre);
    placing.to_layer(*outline);
    OGREnvelope box;
    outline->getEnvelope(&box);
    OGRFeature row(layer.GetLayerDefn());
    row.SetField("id", static_cast<GIntBig>(id));
    row.SetField("scene", scene.c_str());
    row.SetField("x", centre.getX());
    row.SetField("y", centre.getY());
    if (place) {
        row.SetField("lon", place->first);
        row.SetField("lat", place->second);
    }
    row.SetField("area_px", static_cast<GIntBig>(feature.pixels));
    if (area) row.SetField("area_m2", *area);
    row.SetField("mean_score", feature.mean_score);
    row.SetField("max_score", feature.max_score);
    row.SetField("xmin", box.MinX);
    row.SetField("ymin", box.MinY);
    row.SetField("xmax", box.MaxX);
    row.SetField("ymax", box.MaxY);
    row.SetField("units", placing.on_ground() ? "crs" : "pixels");
    row.SetGeometryDirectly(outline.release());
    if (layer.CreateFeature(&row) != OGRERR_NONE) throw Error(Code::write, "a detection cannot be written");
}

}  // namespace spectile::products
