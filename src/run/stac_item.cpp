#include "run/stac_item.hpp"

#include <algorithm>
#include <filesystem>

#include "products/parameters.hpp"
#include "run/stac_assets.hpp"

namespace spectile::run {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModelItem = "model.stac.json";

std::vector<stac::ProductAsset> assets_of(const ItemSource& source) {
    std::vector<stac::ProductAsset> assets;
    for (const auto& raster : source.job.rasters) assets.push_back(raster_asset(raster));
    for (const auto& other : source.job.others)
        if (other.kind != "stac") assets.push_back(other_asset(other));
    for (auto& asset : assets)
        for (const auto& [kind, file] : source.files)
            if (kind == asset.kind) add_sum(asset, file);
    return assets;
}

}  // namespace

StacKeys stac_keys(const ProductDefinition& definition) {
    const products::Parameters given(definition, {"datetime", "model_item"});
    StacKeys keys;
    keys.model_item = given.text("model_item");
    const std::string datetime = given.text("datetime");
    if (!datetime.empty()) keys.datetime = acquisition_of_text(datetime);
    if (!datetime.empty() && !keys.datetime)
        given.refuse("datetime: '" + datetime +
                     "' is no time; write 2020-07-01T10:20:30Z, or two of them with a slash between");
    return keys;
}

std::string model_item_path(const std::string& named, const Job& job) {
    if (named.find("://") != std::string::npos) return named;
    if (!named.empty()) {
        const fs::path from =
            job.pipeline_file.empty() ? fs::current_path() : fs::absolute(job.pipeline_file).parent_path();
        return (from / named).lexically_normal().string();
    }
    const fs::path usual = fs::absolute(job.card.folder).lexically_normal() / kModelItem;
    std::error_code ignored;
    return fs::exists(usual, ignored) ? usual.string() : "";
}

void say_what_is_unknown(const stac::ProductItem& item, const std::string& what, RunReport& report) {
    if (item.place.geometry.empty())
        report.warnings.push_back(what +
                                  ": has no place on the earth (a CRS with a geotransform, GCPs or RPC); " +
                                  "its STAC item has geometry null and no bbox");
    if (!item.time)
        report.warnings.push_back(what +
                                  ": says no acquisition time; its STAC item holds any time: give "
                                  "products.stac.datetime");
}

std::string stac_item(const ItemSource& source, const ProductDefinition& definition, RunReport& report) {
    const Job& job = source.job;
    const StacKeys keys = stac_keys(definition);
    stac::ProductItem item{.path = definition.path,
                           .scene = job.scene->info().stem,
                           .place = place_of(job.product_grid()),
                           .time = {},
                           .assets = assets_of(source),
                           .card = job.card,
                           .model_item = model_item_path(keys.model_item, job),
                           .recipe = source.recipe.sha256(),
                           .weights_sha256 = source.recipe.components.at("model").at("weights")};
    const auto time = keys.datetime ? keys.datetime : acquisition_of(job.scene->info(), job.scene_definition);
    if (time) item.time = {time->begin, time->end};
    say_what_is_unknown(item, job.scene->info().name, report);
    return stac::product_item_text(item);
}

}  // namespace spectile::run
