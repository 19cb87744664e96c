#include "pipeline/read_training.hpp"

#include <filesystem>

#include "pipeline/definition_schemas.hpp"
#include "pipeline/load.hpp"
#include "pipeline/paths.hpp"
#include "pipeline/shared_readers.hpp"
#include "pipeline/training_parts.hpp"
#include "pipeline/yaml_text.hpp"

namespace spectile {
namespace {

using definition::Document;
using definition::Value;

void read_ignored(const Value& value, LabelDefinition& labels) {
    const auto number = [](const Value& item) {
        return static_cast<int>(definition::whole_of(item).value_or(0));
    };
    if (!value.is_list()) {
        labels.ignore = number(value);
        return;
    }
    labels.ignore = number(value.items.front());
    for (std::size_t i = 1; i < value.items.size(); ++i) labels.left_out.push_back(number(value.items[i]));
}

LabelDefinition read_labels(const Value& value, const std::string& folder) {
    LabelDefinition labels;
    labels.path = definition::resolved(value.is_map() ? value.find("path")->text : value.text, folder);
    if (!value.is_map()) return labels;
    labels.attribute = definition::text_or(value, "attribute");
    if (const Value* ignore = value.find("ignore")) read_ignored(*ignore, labels);
    if (const Value* file = value.find("validation"))
        labels.validation = definition::resolved(file->text, folder);
    if (const Value* file = value.find("test")) labels.test = definition::resolved(file->text, folder);
    return labels;
}

/// Files for validation and test are read by a split that is given, and by no other.
void check_given_files(const Document& document, const Training& training) {
    for (const auto& labels : training.labels)
        if (training.split.by != "given" && !(labels.validation.empty() && labels.test.empty()))
            document.fail(document.root,
                          "labels: validation and test belong to a split by given, and this one is by " +
                              training.split.by);
}

void read_scenes(const Document& document, const std::string& folder, Training& training) {
    const Value& root = document.root;
    const Value* scene = root.find("scene");
    const Value* scenes = root.find("scenes");
    const Value* labels = root.find("labels");
    if (!scene && !scenes) return;
    if (scene && !labels) document.fail(*scene, "missing key 'labels' (the truth of the scene)");
    if (scenes && labels) document.fail(*labels, "labels: belong to each of the scenes here");
    if (scene) {
        training.scenes.push_back(definition::read_scene(document, *scene, folder));
        training.labels.push_back(read_labels(*labels, folder));
        return;
    }
    for (const auto& item : scenes->items) {
        const bool change = item.find("before") && item.find("after");
        if ((item.find("path") != nullptr) == change || (item.find("before") != nullptr) != change ||
            (item.find("after") != nullptr) != change)
            document.fail(item, "scenes[" + std::to_string(training.scenes.size()) +
                                    "]: expected path, or before and after");
        training.scenes.push_back(definition::read_scene(document, item, folder));
        training.labels.push_back(read_labels(*item.find("labels"), folder));
    }
}

std::optional<TargetImages> read_targets(const Value* map, const std::string& folder) {
    if (!map) return std::nullopt;
    const auto file = [&](const char* key) {
        const Value* value = map->find(key);
        return value ? definition::resolved(value->text, folder) : std::string();
    };
    TargetImages targets;
    targets.images = file("images");
    targets.masks = file("masks");
    targets.mask_suffix = definition::text_or(*map, "mask_suffix");
    targets.training = file("training");
    targets.validation = file("validation");
    targets.test = file("test");
    targets.band = definition::whole_or(*map, "band", targets.band);
    const Value* resize = map->find("resize_masks");
    targets.resize_masks = resize && definition::json_of(*resize) == true;
    return targets;
}

std::vector<std::uint64_t> read_seeds(const Document& document, const Value* value) {
    if (!value) return {1};
    std::vector<std::uint64_t> seeds;
    const std::vector<Value> items = value->is_list() ? value->items : std::vector<Value>{*value};
    for (const auto& item : items) {
        const auto seed = static_cast<std::uint64_t>(definition::whole_of(item).value_or(0));
        for (const auto other : seeds)
            if (other == seed) document.fail(item, "seeds: " + item.text + " is given twice");
        seeds.push_back(seed);
    }
    return seeds;
}

/// An empty key says nothing; merge_patch would take it as "remove".
void drop_nulls(nlohmann::json& map) {
    for (auto it = map.begin(); it != map.end();) {
        if (it->is_object()) drop_nulls(*it);
        it = it->is_null() ? map.erase(it) : std::next(it);
    }
}

/// The recipe's map laid over every default.
std::string read_recipe(const Value* map) {
    nlohmann::json recipe;
    for (const auto& key : definition::training_rule()->keys)
        if (key.name == "recipe") recipe = definition::defaults_of(*key.rule);
    if (!map) return recipe.dump();
    auto given = definition::json_of(*map);
    drop_nulls(given);
    recipe.merge_patch(given);
    return recipe.dump();
}

nlohmann::json scene_json(const SceneDefinition& scene, const LabelDefinition& labels) {
    nlohmann::json json = {{"paths", scene.paths},
                           {"change", scene.change},
                           {"bands", scene.bands},
                           {"options", scene.open_options},
                           {"mask", scene.mask},
                           {"aoi", scene.aoi.vector},
                           {"wavelengths_file", scene.wavelengths_file},
                           {"wavelengths", scene.wavelengths_nm},
                           {"labels",
                            {{"path", labels.path},
                             {"attribute", labels.attribute},
                             {"ignore", labels.ignore},
                             {"left_out", labels.left_out},
                             {"validation", labels.validation},
                             {"test", labels.test}}}};
    if (scene.scale) json["scale"] = *scene.scale;
    if (scene.offset) json["offset"] = *scene.offset;
    if (scene.nodata) json["nodata"] = *scene.nodata == *scene.nodata ? nlohmann::json(*scene.nodata) : "nan";
    if (const auto& w = scene.aoi.window) json["aoi"] = {w->x, w->y, w->width, w->height};
    if (scene.aoi.bbox) json["aoi"] = {{"bbox", *scene.aoi.bbox}, {"crs", scene.aoi.bbox_crs}};
    return json;
}

nlohmann::json data_json(const Training& t) {
    auto scenes = nlohmann::json::array();
    for (std::size_t i = 0; i < t.scenes.size(); ++i) scenes.push_back(scene_json(t.scenes[i], t.labels[i]));
    auto classes = nlohmann::json::array();
    for (const auto& c : t.classes)
        classes.push_back({{"value", c.value}, {"name", c.name}, {"color", definition::color_text(c.color)}});
    auto steps = nlohmann::json::array();
    for (const auto& step : t.prepare) steps.push_back({{step.name, nlohmann::json::parse(step.parameters)}});
    return {{"scenes", scenes}, {"classes", classes}, {"prepare", steps}};
}

std::string canonical(const Training& t) {
    nlohmann::json json = data_json(t);
    json["spectile"] = definition::kFormatVersion;
    json["name"] = t.name;
    json["summary"] = t.summary;
    json["licence"] = t.licence;
    json["architecture"] = t.architecture;
    json["parameters"] = nlohmann::json::parse(t.parameters);
    json["nodata"] = t.nodata;
    json["quantity"] = t.quantity;
    json["matching"] = {
        {"by", t.matching.by}, {"tolerance", t.matching.tolerance_nm}, {"resample", t.matching.resample}};
    json["split"] = definition::split_json(t.split);
    json["start"] = t.start;
    json["recipe"] = nlohmann::json::parse(t.recipe);
    json["seeds"] = t.seeds;
    if (t.targets)
        json["targets"] = {{"images", t.targets->images},
                           {"masks", t.targets->masks},
                           {"suffix", t.targets->mask_suffix},
                           {"training", t.targets->training},
                           {"validation", t.targets->validation},
                           {"test", t.targets->test},
                           {"band", t.targets->band},
                           {"resize_masks", t.targets->resize_masks}};
    if (t.patches) json["patches"] = definition::patches_json(*t.patches);
    if (t.pretraining) json["pretraining"] = definition::pretraining_json(*t.pretraining);
    return json.dump();
}

}  // namespace

Training read_training(const std::string& file, const std::vector<std::string>& sets,
                       const KnownNames& known) {
    return read_training_text(definition::read_text(file, Code::definition), file, sets, known);
}

Training read_training_text(const std::string& text, const std::string& name,
                            const std::vector<std::string>& sets, const KnownNames& known) {
    const Document document =
        definition::load_text(text, name, sets, *definition::training_rule(), Code::definition);
    const Value& root = document.root;
    const std::string folder = definition::folder_of(name);
    Training training;
    training.file = name;
    training.output = definition::resolved(root.find("output")->text, folder);
    if (training.output.size() > 1 && training.output.ends_with('/')) training.output.pop_back();
    training.name =
        definition::text_or(root, "name", std::filesystem::path(training.output).filename().string());
    training.summary = definition::text_or(root, "summary");
    training.licence = definition::text_or(root, "licence");
    training.quantity = definition::text_or(root, "quantity");
    if (const Value* start = root.find("start")) training.start = definition::resolved(start->text, folder);
    if (root.find("architecture"))
        training.architecture = definition::read_architecture(document, known);
    else if (training.start.empty())
        document.fail(root, "missing key 'architecture' (or start, a model to fine-tune)");
    training.parameters = definition::json_text_or(root, "parameters");
    read_scenes(document, folder, training);
    training.targets = read_targets(root.find("targets"), folder);
    training.patches = definition::read_patches(document, folder);
    training.pretraining = definition::read_pretraining(document, folder);
    training.nodata = definition::whole_or(root, "nodata", 0);
    training.classes = definition::read_classes(document, root.find("classes"), training.nodata);
    training.prepare = definition::read_steps(document, root.find("prepare"), folder, known);
    const bool named = root.find("matching") && root.find("matching")->find("by");
    training.matching = definition::read_matching(document, root.find("matching"), {});
    if (!named)
        training.matching.by = BandMatching{}.by;  // the bands are not known before the scenes are opened
    training.split = training.patches ? definition::read_patch_split(document, root.find("split"))
                                      : definition::read_split(document, root.find("split"));
    check_given_files(document, training);
    training.recipe = read_recipe(root.find("recipe"));
    training.seeds = read_seeds(document, root.find("seeds"));
    training.canonical = canonical(training);
    return training;
}

}  // namespace spectile
