#include "products/detections.hpp"

#include <array>

#include "products/detection_features.hpp"
#include "products/feature_file.hpp"
#include "products/ground_placing.hpp"
#include "products/parameters.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

constexpr std::array kColumns = {FeatureColumn{"id", OFTInteger64},
                                 FeatureColumn{"scene", OFTString},
                                 FeatureColumn{"x", OFTReal},
                                 FeatureColumn{"y", OFTReal},
                                 FeatureColumn{"lon", OFTReal},
                                 FeatureColumn{"lat", OFTReal},
                                 FeatureColumn{"area_px", OFTInteger64},
                                 FeatureColumn{"area_m2", OFTReal},
                                 FeatureColumn{"mean_score", OFTReal},
                                 FeatureColumn{"max_score", OFTReal},
                                 FeatureColumn{"xmin", OFTReal},
                                 FeatureColumn{"ymin", OFTReal},
                                 FeatureColumn{"xmax", OFTReal},
                                 FeatureColumn{"ymax", OFTReal},
                                 FeatureColumn{"units", OFTString}};

void fill_row(OGRFeature& row, const DetectionFeature& feature, const GroundPlacing& placing) {
    row.SetField("area_px", static_cast<GIntBig>(feature.pixels));
    row.SetField("mean_score", feature.mean_score);
    row.SetField("max_score", feature.max_score);
    const OGREnvelope box =
        placing.place(row, std::unique_ptr<OGRGeometry>(feature.outline->clone()), feature.x, feature.y);
    row.SetField("xmin", box.MinX);
    row.SetField("ymin", box.MinY);
    row.SetField("xmax", box.MaxX);
    row.SetField("ymax", box.MaxY);
}

}  // namespace

std::int64_t write_detections(const ProductDefinition& definition, const DetectionFiles& files) {
    const Parameters parameters(definition, {"threshold"});
    const double threshold = parameters.threshold();
    const auto driver = feature_driver(definition, parameters);
    const auto scores = open_raster(files.scores);
    const auto features = find_detections(*scores, threshold, files.target + ".mask.tif");
    const GroundPlacing placing(files.grid, files.onto);
    FeatureFile file(driver, files.target, placing.layer_crs());
    file.make_columns(kColumns);
    file.begin();
    std::int64_t id = 0;
    for (const auto& feature : features) {
        auto row = file.new_row();
        row.SetField("id", static_cast<GIntBig>(++id));
        row.SetField("scene", files.scene.c_str());
        fill_row(row, feature, placing);
        file.add(row);
    }
    file.close();
    return id;
}

}  // namespace spectile::products
