#pragma once

#include <ogr_spatialref.h>
#include <ogrsf_frmts.h>

#include <memory>
#include <optional>

#include "spectile/grid.hpp"
#include "spectile/target_grid.hpp"

namespace spectile::products {

/// Where features found in the pixels of a grid lie: in its CRS or a target's, in longitude and latitude, in
/// square metres.
class GroundPlacing {
public:
    /// Throws Error{Code::internal} where the target's operation cannot be carried out.
    explicit GroundPlacing(const Grid& grid, const TargetGrid* target = nullptr);

    /// The CRS that features are written in: the target's, or the grid's.
    OGRSpatialReference* layer_crs() const { return target_crs_ ? target_crs_.get() : crs_.get(); }
    /// Gives a row its outline and the columns x, y (of the point that stands for it), lon, lat, area_m2 and
    /// units. Outline (a multipolygon) and point are in pixels of the grid. Returns the outline's box as the
    /// layer has it. Throws Error{Code::write} for a place that has none in the target's CRS.
    OGREnvelope place(OGRFeature& row, std::unique_ptr<OGRGeometry> outline, double x, double y) const;

private:
    /// Whether there is a CRS and a geotransform; if not, coordinates stay those of pixels.
    bool on_ground() const { return crs_ != nullptr; }
    void to_crs(double& x, double& y) const;
    void to_crs(OGRGeometry& geometry) const;
    /// From the grid's CRS to that of the layer.
    void to_layer(OGRGeometry& geometry) const;
    /// WGS 84; nothing where the CRS cannot be brought there.
    std::optional<std::pair<double, double>> longitude_latitude(double crs_x, double crs_y) const;
    /// Of an outline in the CRS: the plane area of a projected CRS, else on an equal-area projection about
    /// its centre.
    std::optional<double> square_metres(const OGRGeometry& outline) const;

    Georeference georeference_;
    std::unique_ptr<OGRSpatialReference> crs_;
    std::unique_ptr<OGRCoordinateTransformation> to_wgs84_;
    std::unique_ptr<OGRSpatialReference> target_crs_;  ///< Null where it is the grid's own.
    std::unique_ptr<OGRCoordinateTransformation> to_target_;
};

}  // namespace spectile::products
