// Lists of scenes in files of other people's forms: CSV and STAC.
#include <algorithm>

#include "core/csv.hpp"
#include "pipeline/paths.hpp"
#include "pipeline/scene_lists.hpp"
#include "pipeline/yaml_text.hpp"

namespace spectile::definition {
namespace {

const nlohmann::json& member(const nlohmann::json& object, const char* key, const std::string& file) {
    if (!object.is_object() || !object.contains(key))
        throw Error(Code::definition, file + ": not a STAC item or item collection: no '" + key + "'");
    return object.at(key);
}

bool has_role(const nlohmann::json& asset, const char* role) {
    if (!asset.is_object() || !asset.contains("roles") || !asset.at("roles").is_array()) return false;
    const auto& roles = asset.at("roles");
    return std::find(roles.begin(), roles.end(), role) != roles.end();
}

bool is_raster(const nlohmann::json& asset) {
    if (!asset.is_object() || !asset.contains("type") || !asset.at("type").is_string()) return false;
    const auto type = asset.at("type").get<std::string>();
    return type.starts_with("image/") || type.find("geotiff") != std::string::npos ||
           type.find("netcdf") != std::string::npos || type.find("hdf") != std::string::npos;
}

/// Assets that hold the pixels, where the pipeline names none.
std::vector<std::string> pixel_assets(const nlohmann::json& assets) {
    std::vector<std::string> data, rasters;
    for (const auto& [key, asset] : assets.items()) {
        if (has_role(asset, "data")) data.push_back(key);
        if (is_raster(asset) && !has_role(asset, "thumbnail") && !has_role(asset, "overview"))
            rasters.push_back(key);
    }
    return data.empty() ? rasters : data;
}

std::string gdal_name(const std::string& href, const std::string& folder) {
    if (href.starts_with("http://") || href.starts_with("https://")) return "/vsicurl/" + href;
    if (href.starts_with("s3://")) return "/vsis3/" + href.substr(5);
    if (href.starts_with("gs://")) return "/vsigs/" + href.substr(5);
    if (href.starts_with("file://")) return resolved(href.substr(7), folder);
    return resolved(href, folder);
}

}  // namespace

SceneDefinition scene_from_stac_item(const nlohmann::json& item, const std::string& file,
                                     const std::string& folder, const std::vector<std::string>& wanted) {
    const auto& assets = member(item, "assets", file);
    const bool named = item.contains("id") && item.at("id").is_string();
    const std::string id = named ? item.at("id").get<std::string>() : std::string("without id");
    if (!assets.is_object()) throw Error(Code::definition, file + ": item " + id + ": 'assets' is not a map");
    const auto keys = wanted.empty() ? pixel_assets(assets) : wanted;
    SceneDefinition scene;
    for (const auto& key : keys) {
        if (!assets.contains(key))
            throw Error(Code::definition, file + ": item " + id + " has no asset '" + key + "'");
        const auto& href = member(assets.at(key), "href", file);
        if (!href.is_string() || href.get<std::string>().empty())
            throw Error(Code::definition, file + ": item " + id + ", asset " + key + ": 'href' is not text");
        scene.paths.push_back(gdal_name(href.get<std::string>(), folder));
    }
    if (scene.paths.empty())
        throw Error(Code::definition,
                    file + ": item " + id + " has no asset with pixels; name them with scenes.assets");
    return scene;
}

std::vector<SceneDefinition> scenes_from_csv(const std::string& text, const std::string& file,
                                             const std::string& folder) {
    require_plain_text(text, file, Code::definition);
    bool open_quote = false;
    const auto rows = csv_rows(text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text, &open_quote);
    if (open_quote) throw Error(Code::definition, file + ": a quote is not closed");
    if (rows.empty()) throw Error(Code::definition, file + ": is empty; expected a line of column names");
    const auto column = [&](const char* name) {
        return static_cast<std::size_t>(std::find(rows[0].begin(), rows[0].end(), name) - rows[0].begin());
    };
    const std::size_t none = rows[0].size(), path = column("path"), before = column("before"),
                      after = column("after");
    const bool change = path == none;
    if (change && (before == none || after == none))
        throw Error(Code::definition,
                    file + ": has no column 'path' (nor 'before' and 'after') in its first line");
    std::vector<SceneDefinition> scenes;
    for (std::size_t row = 1; row < rows.size(); ++row) {
        SceneDefinition scene;
        scene.change = change;
        for (const std::size_t at : change ? std::vector{before, after} : std::vector{path}) {
            if (at >= rows[row].size() || rows[row][at].empty())
                throw Error(Code::definition, file + ": row " + std::to_string(row) + " names no scene");
            scene.paths.push_back(resolved(rows[row][at], folder));
        }
        scenes.push_back(std::move(scene));
    }
    if (scenes.empty()) throw Error(Code::definition, file + ": lists no scene");
    return scenes;
}

std::vector<SceneDefinition> scenes_from_stac(const std::string& text, const std::string& file,
                                              const std::string& folder,
                                              const std::vector<std::string>& assets) {
    require_plain_text(text, file, Code::definition);
    nlohmann::json json;
    try {
        json = nlohmann::json::parse(text);
    } catch (const nlohmann::json::exception& problem) {
        throw Error(Code::definition, file + ": is not valid JSON", problem.what());
    }
    if (json.is_object() && json.contains("assets"))
        return {scene_from_stac_item(json, file, folder, assets)};
    const auto& features = member(json, "features", file);
    if (!features.is_array())
        throw Error(Code::definition, file + ": 'features' is not a list of STAC items");
    std::vector<SceneDefinition> scenes;
    for (const auto& item : features) scenes.push_back(scene_from_stac_item(item, file, folder, assets));
    if (scenes.empty()) throw Error(Code::definition, file + ": holds no item");
    return scenes;
}

}  // namespace spectile::definition
