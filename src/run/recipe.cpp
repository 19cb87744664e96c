#include "run/recipe.hpp"

#include "core/checksum.hpp"
#include "gdal/setup.hpp"
#include "kernels/target.hpp"
#include "models/entries/registry.hpp"
#include "products/raster_product.hpp"
#include "raster/pixel_options.hpp"
#include "spectile/version.hpp"

namespace spectile::run {
namespace {

using nlohmann::json;

json optional_number(const std::optional<double>& value) { return value ? json(*value) : json(nullptr); }

json scene_component(const SceneDefinition& scene) {
    json out = {{"change", scene.change},
                {"wavelengths", scene.wavelengths_nm},
                {"scale", optional_number(scene.scale)},
                {"offset", optional_number(scene.offset)},
                {"nodata", optional_number(scene.nodata)},
                {"bands", scene.bands},
                {"options", scene.open_options}};
    if (!scene.resampling.empty()) out["resampling"] = scene.resampling;
    if (!scene.band_names.empty()) out["names"] = scene.band_names;
    if (scene.preview > 0) out["preview"] = scene.preview;
    return out;
}

json tiles_component(const TileGrid& tiles) {
    return {{"width", tiles.tile_width},
            {"height", tiles.tile_height},
            {"halo", tiles.halo},
            {"fixed", tiles.fixed},
            {"blend", tiles.blend == Blend::none ? "none" : "feather"}};
}

json products_component(const Job& job) {
    json out = json::array();
    for (const auto& raster : job.rasters)
        out.push_back({{"kind", raster.definition.kind},
                       {"format", raster.definition.format},
                       {"options", raster.definition.options},
                       {"parameters", json::parse(raster.definition.parameters)}});
    for (const auto& other : job.others)
        if (products::has_features(other.kind))
            out.push_back({{"kind", other.kind},
                           {"format", other.format},
                           {"parameters", json::parse(other.parameters)}});
    return out;
}

json target_component(const TargetGrid& target) {
    const auto& operation = target.operation;
    return {{"crs", target.grid.georeference.crs_wkt},
            {"geotransform", target.grid.georeference.geotransform},
            {"size", {target.grid.width, target.grid.height}},
            {"resampling", target.resampling},
            {"class_resampling", target.class_resampling},
            {"operation",
             {{"name", operation.name},
              {"pipeline", operation.pipeline},
              {"accuracy_m", optional_number(operation.accuracy)},
              {"grids", operation.grids}}}};
}

/// A device rounds more of the products than the CPU does, and sums in another order.
std::string precision_component(const Job& job) {
    return std::string(precision_name(job.card.precision)) + (job.on_cuda ? " on a CUDA device" : "");
}

json model_component(const Job& job) {
    const ModelCard& card = job.card;
    const bool unnamed = card.weights_sha256.empty() && !card.weights.empty();
    json canonical = json::parse(card.canonical);
    canonical.erase("seams");  // A figure about the model, measured later; it changes no pixel.
    json out = {{"name", card.name},
                {"card", sha256_of(canonical.dump())},
                {"weights", unnamed ? sha256_of_file(card.weights) : card.weights_sha256}};
    if (card.precision != Precision::float32) out["precision"] = precision_component(job);
    if (card.flips) out["flips"] = true;
    return out;
}

}  // namespace

std::string Recipe::sha256() const { return sha256_of(text()); }

Recipe make_recipe(const Job& job, const std::string& inputs) {
    const Window& extent = job.plan.extent;
    Recipe recipe;
    recipe.components = {{"spectile", kVersion},
                         {"gdal", gdal_version()},
                         {"instructions", kernels::target_name()},
                         {"inputs", inputs},
                         {"scene", scene_component(job.scene_definition)},
                         {"extent", {extent.x, extent.y, extent.width, extent.height}},
                         {"model", model_component(job)},
                         {"prepare", job.chain->recipe()},
                         {"tiles", tiles_component(job.plan.tiles)},
                         {"products", products_component(job)}};
    if (const auto options = pixel_options(); !options.empty()) recipe.components["gdal options"] = options;
    if (job.target) recipe.components["target"] = target_component(*job.target);
    if (job.card.architecture == "torchscript")
        recipe.components["libtorch"] = json::parse(network_module().describe());
    return recipe;
}

std::string differences(const json& before, const json& now) {
    std::string out;
    for (const auto& [key, value] : now.items())
        if (!before.contains(key) || before.at(key) != value) out += (out.empty() ? "" : ", ") + key;
    for (const auto& [key, _] : before.items())
        if (!now.contains(key)) out += (out.empty() ? "" : ", ") + key;
    return out;
}

}  // namespace spectile::run
