#include "run/mosaic_item.hpp"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/checksum.hpp"
#include "core/text_file.hpp"
#include "products/media_type.hpp"
#include "products/record.hpp"
#include "products/scene_mosaic.hpp"
#include "raster/acquisition.hpp"
#include "raster/open_scene.hpp"
#include "run/job.hpp"
#include "run/stac_assets.hpp"
#include "run/stac_item.hpp"

namespace spectile::run {
namespace {

namespace fs = std::filesystem;

/// Whether the mosaic refers to the scenes' products or lists what was found in them.
bool is_table(const MosaicDefinition& mosaic) {
    return mosaic.kind == "detections" || products::is_tile_index(mosaic);
}

stac::ProductAsset asset_of(const MosaicDefinition& mosaic, const Job& job) {
    const auto raster = std::find_if(job.rasters.begin(), job.rasters.end(),
                                     [&](const auto& one) { return one.definition.kind == mosaic.kind; });
    stac::ProductAsset asset;
    if (is_table(mosaic) || raster == job.rasters.end()) {
        asset = {.kind = mosaic.kind, .path = mosaic.path, .roles = {"data"}};
        asset.media_type = products::media_type_of_file(mosaic.path);
    } else {
        asset = raster_asset(*raster);
        asset.path = mosaic.path;
        asset.media_type = products::media_type_of_driver(mosaic.format);
    }
    add_sum(asset, products::read_record(mosaic.path).files.front());
    return asset;
}

/// The first raster's; unknown where there is none.
stac::ItemPlace place_of_mosaics(const Pipeline& pipeline) {
    for (const auto& mosaic : pipeline.mosaics) {
        if (mosaic.kind == "stac" || is_table(mosaic)) continue;
        SceneDefinition definition;
        definition.paths = {mosaic.path};
        return place_of(open_scene(definition)->info().grid);
    }
    return {};
}

/// From the first scene's to the last's; nothing where one of them says none.
std::optional<Acquisition> acquisition_of_all(const Pipeline& pipeline) {
    std::optional<Acquisition> all;
    for (const auto& scene : pipeline.scenes) {
        const auto one = acquisition_of(open_scene(scene)->info(), scene);
        if (!one) return std::nullopt;
        if (!all) all = one;
        all->begin = std::min(all->begin, one->begin);
        all->end = std::max(all->end, one->end);
    }
    return all;
}

const ProductDefinition& stac_product(const Pipeline& pipeline) {
    return *std::find_if(pipeline.products.begin(), pipeline.products.end(),
                         [](const ProductDefinition& product) { return product.kind == "stac"; });
}

/// Assets, recipe and the links to the scenes' items.
void fill_from_mosaics(const Pipeline& pipeline, const Job& job, stac::ProductItem& item) {
    std::string recipes;
    for (const auto& mosaic : pipeline.mosaics) {
        if (mosaic.kind == "stac") continue;
        item.assets.push_back(asset_of(mosaic, job));
        recipes += products::read_record(mosaic.path).recipe;
    }
    item.recipe = sha256_of(recipes);
    for (const auto& scene : pipeline.scenes)
        item.scene_items.push_back(product_path(pipeline, scene, "stac"));
    const auto first = products::read_record(
        product_path(pipeline, pipeline.scenes.front(), job.rasters.front().definition.kind));
    item.weights_sha256 =
        nlohmann::json::parse(first.recipe_text).at("model").at("weights").get<std::string>();
}

std::string item_text(const Pipeline& pipeline, const MosaicDefinition& wanted, const Job& job,
                      RunReport& report) {
    const StacKeys keys = stac_keys(stac_product(pipeline));
    stac::ProductItem item{.path = wanted.path,
                           .scene = fs::path(wanted.path).stem().string(),
                           .scenes = pipeline.scenes.size(),
                           .place = place_of_mosaics(pipeline),
                           .card = job.card,
                           .model_item = model_item_path(keys.model_item, job)};
    fill_from_mosaics(pipeline, job, item);
    const auto time = keys.datetime ? keys.datetime : acquisition_of_all(pipeline);
    if (time) item.time = {time->begin, time->end};
    say_what_is_unknown(item, wanted.path, report);
    return stac::product_item_text(item);
}

}  // namespace

void write_mosaic_item(const Pipeline& pipeline, const RunOptions& options, RunReport& report) {
    const auto wanted = std::find_if(pipeline.mosaics.begin(), pipeline.mosaics.end(),
                                     [](const auto& mosaic) { return mosaic.kind == "stac"; });
    if (wanted == pipeline.mosaics.end()) return;
    RunOptions of_first = options;
    of_first.manifest.clear();
    const Job job = open_job(pipeline, pipeline.scenes.front(), of_first);
    const std::string text = item_text(pipeline, *wanted, job, report);
    report.products.push_back(wanted->path);
    if (fs::exists(wanted->path) && read_text_file(wanted->path) == text) return;
    fs::create_directories(fs::path(wanted->path).parent_path());
    write_text_file(wanted->path, text);
    report.already_done = false;
}

}  // namespace spectile::run
