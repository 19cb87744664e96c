#include "products/detections.hpp"

#include <filesystem>

#include "products/detection_layer.hpp"
#include "products/durable_file.hpp"
#include "products/fixed_date.hpp"
#include "products/parameters.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

namespace fs = std::filesystem;

std::string driver_for(const ProductDefinition& definition, const Parameters& parameters) {
    if (!definition.format.empty()) return definition.format;
    const auto extension = fs::path(definition.path).extension().string();
    if (extension == ".gpkg") return "GPKG";
    if (extension == ".geojson" || extension == ".json") return "GeoJSON";
    if (extension == ".fgb") return "FlatGeobuf";
    if (extension == ".parquet") return "Parquet";
    if (extension == ".csv") return "CSV";
    parameters.refuse(definition.path +
                      ": its extension names no format; use .gpkg, .geojson, .fgb, .parquet or .csv");
}

OGRLayer& make_layer(GDALDataset& dataset, const GroundPlacing& placing, bool table,
                     const std::string& target) {
    const auto name = fs::path(target).stem().string();
    OGRLayer* layer =
        dataset.CreateLayer(name.c_str(), placing.layer_crs(), table ? wkbNone : wkbMultiPolygon, nullptr);
    if (!layer) throw Error(Code::write, target + ": a layer of detections cannot be made");
    define_columns(*layer);
    return *layer;
}

}  // namespace

std::int64_t write_detections(const ProductDefinition& definition, const DetectionFiles& files) {
    const Parameters parameters(definition, {"threshold"});
    const double threshold = parameters.number("threshold").value_or(0.5);
    if (!(threshold >= 0 && threshold < 1)) parameters.refuse("threshold: must be at least 0 and below 1");
    register_gdal();
    const auto name = driver_for(definition, parameters);
    GDALDriver& driver = driver_of(name);
    if (!driver.GetMetadataItem(GDAL_DCAP_VECTOR)) parameters.refuse("format: " + name + " holds no vectors");
    const FixedDate fixed;
    const auto scores = open_raster(files.scores);
    const auto features = find_detections(*scores, threshold, files.target + ".mask.tif");
    GdalErrors errors;
    const GroundPlacing placing(files.grid, files.onto);
    {
        DatasetPtr dataset(driver.Create(files.target.c_str(), 0, 0, 0, GDT_Unknown, nullptr));
        if (!dataset) throw_write_error(files.target, "cannot be made", errors.text());
        OGRLayer& layer = make_layer(*dataset, placing, name == "CSV", files.target);
        const bool transaction = dataset->StartTransaction() == OGRERR_NONE;
        std::int64_t id = 0;
        for (const auto& feature : features) add_detection(layer, placing, feature, files.scene, ++id);
        if (transaction && dataset->CommitTransaction() != OGRERR_NONE)
            throw_write_error(files.target, "cannot be written", errors.text());
    }
    sync_file(files.target);
    return static_cast<std::int64_t>(features.size());
}

}  // namespace spectile::products
