#include "run/publish_mosaics.hpp"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/checksum.hpp"
#include "core/text_file.hpp"
#include "products/durable_file.hpp"
#include "products/parameters.hpp"
#include "products/publish.hpp"
#include "products/qgis_style.hpp"
#include "products/record.hpp"
#include "products/scene_mosaic.hpp"
#include "raster/open_scene.hpp"
#include "run/job.hpp"
#include "run/mosaic_item.hpp"
#include "run/provenance.hpp"
#include "spectile/error.hpp"

namespace spectile::run {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Everything that decides a mosaic's bytes: the rule, and the recipe of every product in it.
json recipe_of(const products::SceneMosaic& mosaic) {
    const auto& definition = mosaic.definition;
    json of = json::array();
    for (const auto& product : mosaic.rasters)
        of.push_back({{"name", fs::path(product).filename().string()},
                      {"recipe", products::read_record(product).recipe}});
    return {{"mosaic", definition.kind},           {"format", definition.format},
            {"overlap", definition.overlap},       {"crs", definition.crs},
            {"resolution", definition.resolution}, {"resampling", definition.resampling},
            {"options", definition.options},       {"of", of}};
}

bool is_there(const std::string& path, const std::string& recipe, bool overwrite) {
    if (overwrite || !fs::exists(path)) return false;
    std::string before;
    try {
        before = products::read_record(path).recipe;
    } catch (const Error&) {
    }
    if (before == recipe) return true;
    throw Error(Code::publish,
                path +
                    ": is there already, made of other products or by another rule; give --overwrite, "
                    "or write elsewhere");
}

/// Where GDAL writes: a VRT in its own folder, since it holds relative paths; all else in a folder of its
/// own, so that layers and sidecars have the final name.
std::string staged_name(const std::string& path, const std::string& format,
                        products::Publication& publication) {
    if (format == "VRT") return products::temporary_name(path);
    const std::string folder = products::temporary_name(path);
    fs::create_directories(folder);
    publication.cleanups.push_back(folder);
    return folder + "/" + fs::path(path).filename().string();
}

void publish_one(const products::SceneMosaic& mosaic, const RunOptions& options, RunReport& report) {
    const auto& path = mosaic.definition.path;
    const std::string journal = path + ".publish.json";
    fs::create_directories(products::folder_of(path));
    products::finish_publish(journal);
    products::remove_leftovers_once(products::folder_of(path));
    const json recipe = recipe_of(mosaic);
    const std::string recipe_sha256 = sha256_of(recipe.dump());
    report.products.push_back(path);
    if (is_there(path, recipe_sha256, options.overwrite)) return;
    products::Publication publication;
    const std::string staged = staged_name(path, mosaic.definition.format, publication);
    for (const auto& file : products::write_scene_mosaic(mosaic, staged))
        publication.renames.emplace_back(file, path + file.substr(staged.size()));
    std::reverse(publication.renames.begin(),
                 publication.renames.end());  // Sidecars before what they describe.
    auto record = products::make_file_record(mosaic.definition.kind, recipe_sha256, recipe.dump(), staged);
    record.files.front().name = fs::path(path).filename().string();
    const auto stage = [&](const std::string& target, const std::string& text) {
        const std::string waiting = products::temporary_name(target);
        write_text_file(waiting, text);
        publication.renames.emplace_back(waiting, target);
    };
    publication.removals = products::stale_sidecars(path, publication.renames);
    stage(products::record_path(path), products::to_json(record));
    const std::string style =
        products::is_tile_index(mosaic.definition) ? "" : products::style_beside(mosaic.rasters.front());
    if (!style.empty() && products::may_write_style(products::style_path(path)))
        stage(products::style_path(path), style);
    stage(products::provenance_path(path),
          products::provenance_text(mosaic_provenance(mosaic.definition.kind, recipe), mosaic_execution()));
    products::publish(publication, journal);
    report.already_done = false;
}

}  // namespace

void publish_mosaics(const Pipeline& pipeline, const RunOptions& options, RunReport& report) {
    if (pipeline.mosaics.empty()) return;
    const auto failed = std::count_if(report.scenes.begin(), report.scenes.end(),
                                      [](const auto& scene) { return scene.state == "failed"; });
    if (failed > 0) {
        report.warnings.push_back("mosaic: is not made, since " + std::to_string(failed) + " scenes failed");
        return;
    }
    for (const auto& definition : pipeline.mosaics) {
        if (definition.kind == "stac") continue;
        products::SceneMosaic mosaic{definition, {}, {}, products::where(definition)};
        for (const auto& scene : pipeline.scenes) {
            mosaic.rasters.push_back(product_path(pipeline, scene, definition.kind));
            mosaic.scenes.push_back(scene_name(scene));
        }
        publish_one(mosaic, options, report);
    }
    write_mosaic_item(pipeline, options, report);
}

}  // namespace spectile::run
