#include "run/stac_item.hpp"

#include <algorithm>
#include <filesystem>

#include "products/footprint.hpp"
#include "products/media_type.hpp"
#include "products/parameters.hpp"
#include "raster/acquisition.hpp"
#include "stac/product_item.hpp"

namespace spectile::run {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModelItem = "model.stac.json";

struct StacKeys {
    std::optional<Acquisition> datetime;
    std::string model_item;
};

StacKeys keys_of(const ProductDefinition& definition) {
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

/// Named, or beside the card under the usual name; empty where there is none.
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

stac::ItemPlace place_of(const Grid& grid) {
    stac::ItemPlace place;
    place.width = grid.width;
    place.height = grid.height;
    const auto& geo = grid.georeference;
    if (const auto footprint = products::footprint_of(grid)) {
        place.geometry = footprint->geometry;
        place.bbox = footprint->bbox;
    }
    if (!geo.has_geotransform) return place;
    const auto names = products::crs_names(geo.crs_wkt);
    place.crs_code = names.code;
    place.crs_projjson = names.projjson;
    place.geotransform = geo.geotransform;
    return place;
}

/// Classes of a raster that has names for values, nodata among them.
std::vector<stac::ItemClass> classes_of(const products::RasterFormat& format) {
    std::vector<stac::ItemClass> classes;
    for (std::size_t value = 0; value < format.categories.size(); ++value) {
        const bool nodata = format.nodata && static_cast<double>(value) == *format.nodata;
        if (format.categories[value].empty() || nodata) continue;
        const auto& c = format.colors[value];
        classes.push_back({static_cast<int>(value), format.categories[value], {c[0], c[1], c[2]}, false});
    }
    if (!classes.empty() && format.nodata)
        classes.push_back({static_cast<int>(*format.nodata), "nodata", {}, true});
    return classes;
}

stac::ProductAsset raster_asset(const RasterOutput& raster) {
    const auto& format = raster.product->format();
    const auto& definition = raster.definition;
    stac::ProductAsset asset{.kind = definition.kind, .path = definition.path, .roles = {"data"}};
    asset.media_type = products::media_type_of_driver(
        definition.format.empty() ? products::default_driver(format) : definition.format);
    for (int i = 0; i < format.bands; ++i) {
        const auto at = static_cast<std::size_t>(i);
        stac::ItemBand band;
        if (at < format.band_names.size()) band.name = format.band_names[at];
        if (at < format.band_infos.size()) {
            if (band.name.empty()) band.name = format.band_infos[at].name;
            band.wavelength_nm = format.band_infos[at].wavelength_nm;
            band.fwhm_nm = format.band_infos[at].fwhm_nm;
        }
        if (band.name.empty()) band.name = "band " + std::to_string(i + 1);
        asset.bands.push_back(band);
    }
    asset.type = format.type;
    asset.nodata = format.nodata;
    asset.scale = format.scale;
    asset.offset = format.offset;
    asset.classes = classes_of(format);
    return asset;
}

stac::ProductAsset other_asset(const ProductDefinition& other) {
    const bool data = products::has_features(other.kind);
    return {.kind = other.kind,
            .path = other.path,
            .media_type = products::media_type_of_file(other.path),
            .roles = {data                     ? "data"
                      : other.kind == "report" ? "overview"
                                               : "metadata"}};
}

std::vector<stac::ProductAsset> assets_of(const ItemSource& source) {
    std::vector<stac::ProductAsset> assets;
    for (const auto& raster : source.job.rasters) assets.push_back(raster_asset(raster));
    for (const auto& other : source.job.others)
        if (other.kind != "stac") assets.push_back(other_asset(other));
    for (auto& asset : assets)
        for (const auto& [kind, file] : source.files)
            if (kind == asset.kind) {
                asset.bytes = static_cast<std::uint64_t>(file.bytes);
                asset.sha256 = file.sha256;
            }
    return assets;
}

void say_what_is_unknown(const stac::ProductItem& item, const std::string& scene, RunReport& report) {
    if (item.place.geometry.empty())
        report.warnings.push_back(scene +
                                  ": has no place on the earth (a CRS with a geotransform, GCPs or RPC); " +
                                  "its STAC item has geometry null and no bbox");
    if (!item.time)
        report.warnings.push_back(scene +
                                  ": says no acquisition time; its STAC item holds any time: give "
                                  "products.stac.datetime");
}

}  // namespace

void check_stac(const ProductDefinition& definition) { keys_of(definition); }

std::string stac_item(const ItemSource& source, const ProductDefinition& definition, RunReport& report) {
    const Job& job = source.job;
    const StacKeys keys = keys_of(definition);
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
