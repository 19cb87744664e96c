#pragma once

#include <ogr_spatialref.h>
#include <ogrsf_frmts.h>

#include <memory>
#include <optional>
#include <string>

#include "products/detection_features.hpp"
#include "spectile/grid.hpp"
#include "spectile/target_grid.hpp"

namespace spectile::products {

/// From pixels of a grid to its CRS, to longitude and latitude, and to square metres.
class GroundPlacing {
public:
    /// Throws Error{Code::internal} where the target's operation cannot be carried out.
    explicit GroundPlacing(const Grid& grid, const TargetGrid* target = nullptr);

    /// Whether there is a CRS and a geotransform; if not, coordinates stay those of pixels.
    bool on_ground() const { return crs_ != nullptr; }
    /// The CRS that features are written in: the target's, or the grid's.
    OGRSpatialReference* layer_crs() const { return target_crs_ ? target_crs_.get() : crs_.get(); }
    void to_crs(double& x, double& y) const;
    void to_crs(OGRGeometry& geometry) const;
    /// From the grid's CRS to that of the layer. Throws Error{Code::write} for a place that has none there.
    void to_layer(OGRGeometry& geometry) const;
    /// WGS 84; nothing where the CRS cannot be brought there.
    std::optional<std::pair<double, double>> longitude_latitude(double crs_x, double crs_y) const;
    /// Of an outline in the CRS: the plane area of a projected CRS, else on an equal-area projection about
    /// its centre.
    std::optional<double> square_metres(const OGRGeometry& outline) const;

private:
    Georeference georeference_;
    std::unique_ptr<OGRSpatialReference> crs_;
    std::unique_ptr<OGRCoordinateTransformation> to_wgs84_;
    std::unique_ptr<OGRSpatialReference> target_crs_;  ///< Null where it is the grid's own.
    std::unique_ptr<OGRCoordinateTransformation> to_target_;
};

/// Makes the columns of the table of detections. Throws Error{Code::write}.
void define_columns(OGRLayer& layer);

/// Adds one feature, numbered `id` from 1. Throws Error{Code::write}.
void add_detection(OGRLayer& layer, const GroundPlacing& placing, const DetectionFeature& feature,
                   const std::string& scene, std::int64_t id);

}  // namespace spectile::products
