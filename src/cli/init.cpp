// `spectile init TASK SCENE`: a pipeline to begin with, tried on the scene before it is written.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/declare.hpp"
#include "cli/known.hpp"
#include "core/text_file.hpp"
#include "models/entries/registry.hpp"
#include "pipeline/model_card.hpp"
#include "pipeline/paths.hpp"
#include "pipeline/read_pipeline.hpp"
#include "pipeline/write_yaml.hpp"
#include "prepare/audit.hpp"
#include "run/audit.hpp"
#include "run/job.hpp"
#include "spectile/error.hpp"

namespace spectile::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct InitTask {
    const char* name;
    std::set<Task> tasks;  ///< Of models that do it.
    const char* what;
    const char* products;
};

constexpr const char* kMap =
    "  class_map:\n    path: out/{stem}_map.tif\n"
    "  confidence:                 # how far the best class is ahead of the next\n"
    "    path: out/{stem}_confidence.tif\n    measure: margin\n"
    "  # probabilities:            # of every class; steps of 1/254 in a quarter of the disk\n"
    "  #   path: out/{stem}_probabilities.tif\n  #   type: uint8\n";

const std::vector<InitTask>& tasks() {
    static const std::vector<InitTask> table = {
        {"classify", {Task::classification, Task::segmentation, Task::labels}, "Class map", kMap},
        {"segment", {Task::segmentation, Task::classification}, "Class map", kMap},
        {"label",
         {Task::labels, Task::classification},
         "Labels of tiles",
         "  labels:                     # a feature for each tile; {stem}_labels.tiles.tif has a pixel for "
         "each\n"
         "    path: out/{stem}_labels.gpkg\n    threshold: 0.5            # where classes do not exclude "
         "each "
         "other\n"},
        {"detect",
         {Task::detection},
         "Targets",
         "  detections:\n    path: out/{stem}_targets.gpkg\n    threshold: 0.5\n"
         "  probabilities:\n    path: out/{stem}_scores.tif\n"},
        {"change",
         {Task::change},
         "Change between two dates",
         "  change_map:\n    path: out/{stem}_change.tif\n"
         "  detections:                 # outlines of what changed\n    path: out/{stem}_changes.gpkg\n"
         "    threshold: 0.5\n  probabilities:\n    path: out/{stem}_probabilities.tif\n"},
        {"bands", {Task::bands}, "Prepared bands", "  bands:\n    path: out/{stem}_bands.tif\n"}};
    return table;
}

struct InitArguments {
    std::string task, model, file = "pipeline.yaml";
    std::vector<std::string> scenes;
    bool overwrite = false;
};

const InitTask& task_of(const std::string& name) {
    for (const auto& task : tasks())
        if (name == task.name) return task;
    throw Error(Code::internal, name + ": is no task");
}

/// The model that was named, or the only one at hand for the task.
std::string choose_model(const InitTask& task, const std::string& named) {
    if (!named.empty()) return named;
    std::vector<std::string> fitting;
    auto folders = definition::model_folders();
    folders.insert(folders.begin(), "models");
    for (const auto& folder : folders) {
        if (!fs::is_directory(folder)) continue;
        for (const auto& entry : fs::directory_iterator(folder))
            if (fs::exists(entry.path() / "model.yaml") &&
                task.tasks.contains(read_model_card(entry.path().string(), known_names()).task))
                fitting.push_back(entry.path().string());
    }
    if (fitting.size() == 1) return fitting.front();
    throw Error(Code::usage, fmt::format("{} models here do that ({}); name one with -m", fitting.size(),
                                         fmt::join(fitting, ", ")));
}

/// As the pipeline's file would write it: files relative to its folder.
std::string from(const fs::path& folder, const std::string& name) {
    if (!definition::looks_like_file(name)) return name;
    const auto whole = fs::absolute(name).lexically_normal();
    const auto near = whole.lexically_proximate(folder).string();
    return near.starts_with("../..") ? whole.string() : near;
}

Json scene_part(const InitArguments& arguments, const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& scene : arguments.scenes) names.push_back(from(folder, scene));
    if (arguments.task == "change") {
        if (names.size() != 2) throw Error(Code::usage, "change takes two scenes, BEFORE and AFTER");
        return {{"scene", {{"before", names[0]}, {"after", names[1]}}}};
    }
    if (names.size() == 1) return {{"scene", {{"path", names[0]}}}};
    return {{"scenes", names}};
}

std::string crs_name(const Grid& grid) {
    const auto& wkt = grid.georeference.crs_wkt;
    const auto open = wkt.find('"'), close = wkt.find('"', open + 1);
    return open == std::string::npos ? "no CRS" : wkt.substr(open + 1, close - open - 1);
}

/// What the file itself says, for a comment above `scene`.
std::string scene_comment(const SceneInfo& info) {
    const auto& bands = info.bands;
    std::string text =
        fmt::format("# {} x {} pixels, {} bands of {}, {}\n", info.grid.width, info.grid.height, bands.size(),
                    name_of(bands.front().type), crs_name(info.grid));
    std::size_t with_wavelength = 0;
    for (const auto& band : bands) with_wavelength += band.wavelength_nm.has_value();
    if (with_wavelength > 0)
        text += fmt::format("# {} bands have a wavelength, from {:.0f} to {:.0f} nm\n", with_wavelength,
                            bands.front().wavelength_nm.value_or(0), bands.back().wavelength_nm.value_or(0));
    return text;
}

/// Keys that the scene may need, as comments below what is there.
std::string scene_hints(const SceneInfo& info) {
    std::string text;
    if (info.rasters.size() > 1) text += "  # resampling: bilinear   # where they lie on different grids\n";
    if (!info.bands.front().nodata) text += "  # nodata: 0               # the file names none\n";
    if (!info.bands.front().wavelength_nm)
        text += "  # wavelengths: bands.csv   # the file has none; models that match bands need them\n";
    return text + "  # aoi: fields.gpkg         # only what lies inside these polygons\n";
}

std::string model_comment(const ModelCard& card) {
    std::string text =
        "# " + (card.summary.empty() ? model_entry(card.architecture, card.file).summary : card.summary) +
        "\n";
    if (!card.bands.empty())
        text += fmt::format("# Reads {} bands, matched by {}; its normalisation is part of it\n",
                            card.bands.size(), card.matching.by);
    return text;
}

std::string header(const InitArguments& arguments, const InitTask& task) {
    std::string text;
    const auto schemas =
        fs::path(definition::model_folders().back()).parent_path() / "pipelines/pipeline.schema.json";
    if (fs::exists(schemas)) text += "# yaml-language-server: $schema=" + schemas.string() + "\n#\n";
    return text + fmt::format(
                      "# {} of {}. Written by `spectile init`, to be changed: every key is in "
                      "PIPELINE_FORMAT.md.\n#\n"
                      "#     spectile plan {}     what it would do, and cost\n#     spectile run "
                      "{}\n\nspectile: 1\n\n",
                      task.what, fmt::join(arguments.scenes, ", "), arguments.file, arguments.file);
}

/// A map with a line for each key, so that comments fit in below.
std::string block(const std::string& key, const Json& map) {
    std::string text = key + ":\n";
    for (const auto& [name, value] : map.items()) text += "  " + definition::yaml_of(Json{{name, value}});
    return text;
}

/// What is written into the pipeline.
struct Draft {
    const InitArguments& arguments;
    const InitTask& task;
    Json scene;         ///< Its key `scene` or `scenes`.
    std::string model;  ///< As the pipeline names it.
};

/// The draft as YAML; with comments from scene and card once there is a job that opened them.
std::string pipeline_text(const Draft& draft, const run::Job* job) {
    const Json& scene = draft.scene;
    std::string text = header(draft.arguments, draft.task);
    if (job) text += scene_comment(job->scene->info());
    text += scene.contains("scene") ? block("scene", scene["scene"]) : definition::yaml_of(scene);
    if (job && scene.contains("scene")) text += scene_hints(job->scene->info());
    text += "\n" + (job ? model_comment(job->card) : "") + definition::yaml_of(Json{{"model", draft.model}});
    text +=
        "tiling: {tile: auto, part: auto, blend: auto}   # finished parts survive an "
        "interruption\n\nproducts:\n";
    return text + draft.task.products + "  report:\n    path: out/{stem}_report.html\n";
}

/// Opens the first scene with the model, and finds the scale that brings its values to the model's units.
run::Job try_on(const std::string& text, Draft& draft) {
    const auto pipeline = read_pipeline_text(text, draft.arguments.file, {}, known_names());
    Json& scene = draft.scene;
    run::Job job = run::open_job(pipeline, pipeline.scenes.front(), {});
    try {
        run::audit_scene(job, /*strict=*/false);
    } catch (const prepare::WrongUnits& units) {
        if (units.scale() <= 0 || !scene.contains("scene")) throw;
        scene["scene"]["scale"] = units.scale();
    }
    return job;
}

int init(const InitArguments& arguments, Console& console) {
    const auto& task = task_of(arguments.task);
    if (fs::exists(arguments.file) && !arguments.overwrite)
        throw Error(Code::publish, arguments.file + ": is there already; give --overwrite, or another -o");
    const fs::path folder = definition::folder_of(arguments.file);
    const std::string chosen = choose_model(task, arguments.model);
    const auto card = read_model_card(definition::find_model(chosen, ""), known_names());
    if (!task.tasks.contains(card.task) && !task.tasks.contains(Task::bands))
        throw Error(Code::usage, "the model " + card.name + " does not " + task.name);
    const bool by_name = !fs::exists(chosen) && chosen.find('/') == std::string::npos;
    const std::string model = by_name ? chosen : from(folder, chosen);
    Draft draft{arguments, task, scene_part(arguments, folder), model};
    const run::Job job = try_on(pipeline_text(draft, nullptr), draft);
    const std::string text = pipeline_text(draft, &job);
    try_on(text, draft);
    write_text_file(arguments.file, text);
    console.print_json(Json{{"file", arguments.file}, {"model", job.card.name}});
    console.print(arguments.file);
    console.note("next: spectile plan " + arguments.file);
    return 0;
}

}  // namespace

Action declare_init(CLI::App& app, Console& console) {
    auto arguments = std::make_shared<InitArguments>();
    std::vector<std::string> names;
    for (const auto& task : tasks()) names.emplace_back(task.name);
    app.add_option("TASK", arguments->task, "What the pipeline is to do")
        ->required()
        ->type_name("TASK")
        ->check(CLI::IsMember(names));
    app.add_option("SCENE", arguments->scenes, "Scenes: files, or any names that GDAL opens; two for change")
        ->required()
        ->type_name("NAME");
    app.add_option("-m,--model", arguments->model, "Model; else the only one at hand that does the task")
        ->type_name("DIR");
    app.add_option("-o,--output", arguments->file, "Pipeline to write")
        ->type_name("FILE")
        ->capture_default_str();
    app.add_flag("--overwrite", arguments->overwrite, "Replace a file that is there");
    return [arguments, &console] { return init(*arguments, console); };
}

}  // namespace spectile::cli
