#include "products/ground_placing.hpp"

#include "products/gdal_dataset.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

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
        throw Error(Code::write, "a feature has no place in the CRS of the target; choose another",
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

OGREnvelope GroundPlacing::place(OGRFeature& row, std::unique_ptr<OGRGeometry> outline, double x,
                                 double y) const {
    to_crs(x, y);
    to_crs(*outline);
    if (const auto place = longitude_latitude(x, y)) {
        row.SetField("lon", place->first);
        row.SetField("lat", place->second);
    }
    if (const auto area = square_metres(*outline)) row.SetField("area_m2", *area);
    OGRPoint centre(x, y);
    to_layer(centre);
    to_layer(*outline);
    row.SetField("x", centre.getX());
    row.SetField("y", centre.getY());
    row.SetField("units", on_ground() ? "crs" : "pixels");
    OGREnvelope box;
    outline->getEnvelope(&box);
    row.SetGeometryDirectly(outline.release());  // Of a table without geometry it is thrown away.
    return box;
}

}  // namespace spectile::products
