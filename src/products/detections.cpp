#include "products/detections.hpp"

#include "products/detection_layer.hpp"
#include "products/feature_file.hpp"
#include "products/parameters.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
std::int64_t write_detections(const ProductDefinition& definition, const DetectionFiles& files) {
    const Parameters parameters(definition, {"threshold"});
    const double threshold = parameters.number("threshold").value_or(0.5);
    if (!(threshold >= 0 && threshold < 1)) parameters.refuse("threshold: must be at least 0 and below 1");
    const auto driver = feature_driver(definition, parameters);
    const auto scores = open_raster(files.scores);
    const auto features = find_detections(*scores, threshold, files.target + ".mask.tif");
    const GroundPlacing placing(files.grid, files.onto);
    FeatureFile file(driver, files.target, placing.layer_crs());
    define_columns(file.layer());
    file.begin();
    std::int64_t id = 0;
    for (const auto& feature : features) add_detection(file.layer(), placing, feature, files.scene, ++id);
    file.close();
    return static_cast<std::int64_t>(features.size());
}

}  // namespace spectile::products
