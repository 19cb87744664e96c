#include "raster/placed_features.hpp"

#include <gdal_priv.h>

#include <array>

#include "gdal/errors.hpp"
#include "raster/dataset.hpp"
#include "raster/georeference.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

using Affine = std::array<double, 6>;

Affine inverse_geotransform(const Grid& grid, const std::string& name) {
    Affine forward = grid.georeference.geotransform, inverse{};
    if (!grid.georeference.has_geotransform)
        throw Error(Code::scene, name +
                                     ": the scene has no geotransform to place it by; give a pixel window or "
                                     "a raster on the scene's grid");
    if (!GDALInvGeoTransform(forward.data(), inverse.data()))
        throw Error(Code::scene, name +
                                     ": the scene's geotransform cannot be inverted; give a pixel window or "
                                     "a raster on the scene's grid");
    return inverse;
}

void to_pixels(OGRGeometry& geometry, const Affine& a) {
    const auto col = [&](double x, double y) { return a[0] + x * a[1] + y * a[2]; };
    const auto row = [&](double x, double y) { return a[3] + x * a[4] + y * a[5]; };
    switch (wkbFlatten(geometry.getGeometryType())) {
        case wkbPoint: {
            auto* point = geometry.toPoint();
            const double x = point->getX(), y = point->getY();
            point->setX(col(x, y));
            point->setY(row(x, y));
            return;
        }
        case wkbLineString:
        case wkbLinearRing: {
            auto* line = geometry.toSimpleCurve();
            for (int i = 0; i < line->getNumPoints(); ++i) {
                const double x = line->getX(i), y = line->getY(i);
                line->setPoint(i, col(x, y), row(x, y));
            }
            return;
        }
        case wkbPolygon:
            for (OGRLinearRing* ring : *geometry.toPolygon()) to_pixels(*ring, a);
            return;
        default:
            if (OGR_GT_IsSubClassOf(geometry.getGeometryType(), wkbGeometryCollection))
                for (OGRGeometry* part : *geometry.toGeometryCollection()) to_pixels(*part, a);
    }
}

void reproject(OGRGeometry& geometry, const std::string& from_wkt, const std::string& to_wkt,
               const std::string& name) {
    if (from_wkt.empty() || to_wkt.empty() || from_wkt == to_wkt) return;
    const OGRSpatialReference from = crs_of(from_wkt), to = crs_of(to_wkt);
    GdalErrors errors;
    const std::unique_ptr<OGRCoordinateTransformation> transformation(
        OGRCreateCoordinateTransformation(&from, &to));
    if (!transformation || geometry.transform(transformation.get()) != OGRERR_NONE)
        throw Error(Code::scene,
                    name + ": its geometries cannot be brought into the scene's CRS; give them in that CRS",
                    errors.text());
}

}  // namespace

PlacedFeature place(OGRGeometryUniquePtr geometry, const std::string& crs_wkt, const Grid& grid,
                    const std::string& name) {
    const Affine inverse = inverse_geotransform(grid, name);
    PlacedFeature out;
    out.geometry.reset(geometry->getLinearGeometry());  // Arcs become lines; others are copied.
    out.geometry->flattenTo2D();
    reproject(*out.geometry, crs_wkt, grid.georeference.crs_wkt, name);
    out.geometry->assignSpatialReference(nullptr);
    to_pixels(*out.geometry, inverse);
    out.geometry->getEnvelope(&out.envelope);
    return out;
}

std::vector<PlacedFeature> place_features(const std::string& name, const Grid& grid,
                                          const ChooseFeature& choose) {
    const DatasetHandle dataset = open_vector(name);
    std::vector<PlacedFeature> out;
    GdalErrors errors;
    for (OGRLayer* layer : dataset->GetLayers()) {
        const std::string wkt = wkt2_of(layer->GetSpatialRef());
        if (wkt.empty() && !grid.georeference.crs_wkt.empty() && layer->GetGeomType() != wkbNone)
            throw Error(Code::scene,
                        name + ": layer '" + layer->GetName() + "' has no CRS; assign one (ogr2ogr -a_srs)");
        for (auto& feature : *layer) {
            int value = 1;
            if (!feature->GetGeometryRef() || feature->GetGeometryRef()->IsEmpty() ||
                !choose(*feature, value))
                continue;
            out.push_back(place(OGRGeometryUniquePtr(feature->StealGeometry()), wkt, grid, name));
            out.back().value = value;
        }
    }
    if (errors.failed())
        throw Error(Code::read, name + ": cannot be read to its end; check the file", errors.text());
    return out;
}

}  // namespace spectile
