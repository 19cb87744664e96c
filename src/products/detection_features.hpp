#pragma once

#include <ogr_geometry.h>

#include <memory>
#include <vector>

#include "products/gdal_dataset.hpp"
#include "spectile/window.hpp"

namespace spectile::products {

/// One target in pixels of the raster.
struct DetectionFeature {
    Window box;
    std::unique_ptr<OGRGeometry> outline;  ///< MultiPolygon in pixel coordinates, valid.
    double x = 0, y = 0;                   ///< Mean of its pixels' centres.
    std::int64_t pixels = 0;
    double mean_score = 0, max_score = 0;
};

/// The sets of pixels above `threshold`, by their boxes from the top, then from the left.
/// Memory   one byte a pixel in a temporary file beside `scratch`, and one target's box.
std::vector<DetectionFeature> find_detections(GDALDataset& scores, double threshold,
                                              const std::string& scratch);

}  // namespace spectile::products
