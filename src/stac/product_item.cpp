#include "stac/product_item.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "spectile/version.hpp"

namespace spectile::stac {
namespace {

constexpr const char* kProjection = "https://stac-extensions.github.io/projection/v2.0.0/schema.json";
constexpr const char* kRaster = "https://stac-extensions.github.io/raster/v2.0.0/schema.json";
constexpr const char* kEo = "https://stac-extensions.github.io/eo/v2.0.0/schema.json";
constexpr const char* kProcessing = "https://stac-extensions.github.io/processing/v1.1.0/schema.json";

void add_time(Json& properties, const std::optional<ItemTime>& time) {
    if (!time) return add_any_time(properties);
    if (time->begin == time->end) {
        properties["datetime"] = time->begin;
        return;
    }
    properties["datetime"] = nullptr;
    properties["start_datetime"] = time->begin;
    properties["end_datetime"] = time->end;
}

/// [xmin, ymin, xmax, ymax] of the grid's corners in its own CRS.
Json corner_box(const ItemPlace& place) {
    const auto& t = *place.geotransform;
    std::vector<double> x, y;
    for (const auto col : {0.0, static_cast<double>(place.width)})
        for (const auto row : {0.0, static_cast<double>(place.height)}) {
            x.push_back(t[0] + col * t[1] + row * t[2]);
            y.push_back(t[3] + col * t[4] + row * t[5]);
        }
    const auto [left, right] = std::minmax_element(x.begin(), x.end());
    const auto [low, high] = std::minmax_element(y.begin(), y.end());
    return {*left, *low, *right, *high};
}

void add_projection(Json& properties, const ItemPlace& place) {
    properties["proj:code"] = place.crs_code.empty() ? Json(nullptr) : Json(place.crs_code);
    if (!place.crs_projjson.empty()) properties["proj:projjson"] = Json::parse(place.crs_projjson);
    properties["proj:shape"] = {place.height, place.width};
    if (!place.geotransform) return;
    const auto& t = *place.geotransform;
    // + 0.0: no negative zeros, which some readers print and compare.
    properties["proj:transform"] = {t[1] + 0.0, t[2] + 0.0, t[0] + 0.0, t[4] + 0.0, t[5] + 0.0, t[3] + 0.0};
    properties["proj:bbox"] = corner_box(place);
}

/// JSON has no NaN; STAC spells it.
Json number_or_word(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    if (value == std::floor(value) && std::abs(value) < 1e15) return static_cast<std::int64_t>(value);
    return value;
}

Json band_json(const ItemBand& band) {
    Json out = Json::object();
    if (!band.name.empty()) out["name"] = band.name;
    // Micrometres, by the extension's definition.
    if (band.wavelength_nm) out["eo:center_wavelength"] = *band.wavelength_nm / 1000;
    if (band.fwhm_nm) out["eo:full_width_half_max"] = *band.fwhm_nm / 1000;
    return out;
}

Json asset_json(const ProductAsset& asset, const std::string& folder) {
    Json out = {{"href", href_of(asset.path, folder)}, {"type", asset.media_type}, {"roles", asset.roles}};
    if (!asset.sha256.empty()) add_file_fields(out, asset.bytes, asset.sha256);
    if (asset.bands.empty()) return out;
    out["data_type"] = data_type_name(asset.type);
    if (asset.nodata) out["nodata"] = number_or_word(*asset.nodata);
    if (asset.scale != 1) out["raster:scale"] = asset.scale;
    if (asset.offset != 0) out["raster:offset"] = asset.offset;
    for (const auto& band : asset.bands) out["bands"].push_back(band_json(band));
    if (!asset.classes.empty()) out["classification:classes"] = classes_json(asset.classes);
    return out;
}

Json extensions_of(const ProductItem& item) {
    Json list = {kProjection, kFile, kProcessing};
    const auto any = [&](auto has) { return std::any_of(item.assets.begin(), item.assets.end(), has); };
    if (any([](const ProductAsset& asset) { return !asset.classes.empty(); }))
        list.push_back(kClassification);
    if (any([](const ProductAsset& asset) { return asset.scale != 1 || asset.offset != 0; }))
        list.push_back(kRaster);
    if (any([](const ProductAsset& asset) {
            return std::any_of(asset.bands.begin(), asset.bands.end(),
                               [](const ItemBand& band) { return band.wavelength_nm || band.fwhm_nm; });
        }))
        list.push_back(kEo);
    return list;
}

Json properties_json(const ProductItem& item) {
    const ModelCard& card = item.card;
    const std::string scenes = std::to_string(item.scenes) + " scenes";
    const bool mosaic = item.scenes > 1;
    Json out = {{"title", card.name + " of " + (mosaic ? scenes : item.scene)}};
    if (!card.summary.empty()) out["description"] = card.summary;
    add_time(out, item.time);
    add_projection(out, item.place);
    out["processing:software"] = {{"spectile", kVersion}};
    out["processing:lineage"] = "Model " + card.name + " (" + card.architecture + ") over " +
                                (mosaic ? scenes : "the scene " + item.scene) + " by spectile " + kVersion;
    out["spectile:recipe"] = item.recipe;
    out["spectile:model"] = {{"name", card.name}, {"architecture", card.architecture}};
    if (!item.weights_sha256.empty()) out["spectile:model"]["weights_sha256"] = item.weights_sha256;
    return out;
}

/// The mlm fields stand at the link: an item that declares the extension would have to be a model.
Json links_json(const ProductItem& item, const std::string& folder) {
    Json list = Json::array();
    for (const auto& scene : item.scene_items)
        list.push_back({{"rel", "derived_from"},
                        {"href", href_of(scene, folder)},
                        {"type", kMediaTypeOfItem},
                        {"title", "The products of one scene"}});
    if (item.model_item.empty()) return list;
    list.push_back({{"rel", "derived_from"},
                    {"href", href_of(item.model_item, folder)},
                    {"type", kMediaTypeOfItem},
                    {"title", "The model, " + item.card.name},
                    {"mlm:name", item.card.name},
                    {"mlm:architecture", item.card.architecture}});
    return list;
}

}  // namespace

std::string product_item_text(const ProductItem& item) {
    const std::string folder = std::filesystem::path(item.path).parent_path().string();
    Json out = {{"type", "Feature"},
                {"stac_version", kStacVersion},
                {"stac_extensions", extensions_of(item)},
                {"id", item.scene + "-" + item.card.name}};
    out["geometry"] = item.place.geometry.empty() ? Json(nullptr) : Json::parse(item.place.geometry);
    if (!item.place.geometry.empty()) out["bbox"] = item.place.bbox;
    out["properties"] = properties_json(item);
    out["links"] = links_json(item, folder);
    out["assets"] = Json::object();
    for (const auto& asset : item.assets) out["assets"][asset.kind] = asset_json(asset, folder);
    return out.dump(1) + "\n";
}

}  // namespace spectile::stac
