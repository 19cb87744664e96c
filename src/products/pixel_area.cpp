#include "products/pixel_area.hpp"

#include <ogr_spatialref.h>

#include <cmath>

#include "products/gdal_dataset.hpp"

namespace spectile::products {
namespace {

constexpr double kAuthalicRadius = 6371007.181;  // Of WGS 84, metres.

}  // namespace

std::optional<double> pixel_area_m2(const Grid& grid) {
    const auto& geo = grid.georeference;
    if (!geo.has_geotransform || geo.crs_wkt.empty()) return std::nullopt;
    const GdalErrors unheard;  // A CRS that cannot be read gives no area.
    OGRSpatialReference crs;
    if (crs.importFromWkt(geo.crs_wkt.c_str()) != OGRERR_NONE || !crs.IsProjected()) return std::nullopt;
    const double metres = crs.GetLinearUnits();
    const auto& gt = geo.geotransform;
    return std::abs(gt[1] * gt[5] - gt[2] * gt[4]) * metres * metres;
}

PixelArea::PixelArea(const Grid& grid) {
    if (const auto metric = pixel_area_m2(grid)) {
        constant_ = *metric;
        return;
    }
    const auto& geo = grid.georeference;
    if (!geo.has_geotransform || geo.crs_wkt.empty() || geo.geotransform[2] != 0 || geo.geotransform[4] != 0)
        return;
    const GdalErrors unheard;  // A CRS that cannot be read gives no area.
    OGRSpatialReference crs;
    if (crs.importFromWkt(geo.crs_wkt.c_str()) != OGRERR_NONE || !crs.IsGeographic()) return;
    degrees_ = true;
    radians_ = crs.GetAngularUnits();
    geotransform_ = geo.geotransform;
}

double PixelArea::of_row(std::int64_t row) const {
    if (!degrees_) return constant_;
    const double top = geotransform_[3] + static_cast<double>(row) * geotransform_[5];
    const double bottom = top + geotransform_[5];
    return kAuthalicRadius * kAuthalicRadius * std::abs(geotransform_[1]) * radians_ *
           std::abs(std::sin(top * radians_) - std::sin(bottom * radians_));
}

}  // namespace spectile::products
