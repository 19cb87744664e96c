// `pretraining:` of a training definition.
#include <cmath>
#include <nlohmann/json.hpp>

#include "pipeline/paths.hpp"
#include "pipeline/pretraining_recipe.hpp"
#include "pipeline/shared_readers.hpp"
#include "pipeline/training_parts.hpp"

namespace spectile::definition {
namespace {

using nlohmann::json;

constexpr double kWarmupShare = 0.1;

RulePtr stage_rule() {
    return map_of(
        "stage", "A part of a pretraining with one size of image.",
        {{.name = "side",
          .rule = whole(1, 1024),
          .doc = "Side of the crops, a multiple of the network's patch",
          .unit = "pixels",
          .required = true},
         {.name = "epochs", .rule = whole(1, 1'000'000), .doc = "Passes over the index", .required = true},
         {.name = "warmup",
          .rule = whole(0, 1'000'000),
          .doc = "Epochs in which the rate grows from 0; a tenth of `epochs` if left out",
          .unit = "epochs"},
         {.name = "base_learning_rate",
          .rule = number(0, 1),
          .doc = "Of this stage, in place of the common one"},
         {.name = "positions",
          .rule = one_of({"bicubic", "reinit"}),
          .doc = "What becomes of the tables of positions of the stage before where their side is "
                 "another: resized, or drawn anew as in the published code",
          .fallback = "bicubic"}});
}

std::vector<Key> index_keys() {
    return {{.name = "index",
             .rule = file_name(),
             .doc = "CSV (`path`, and optionally `date`, `place`, `role`, `crops`, `window`, `bands`) or "
                    "STAC item collection (.json)",
             .required = true},
            {.name = "assets",
             .rule = list_of(text("a key of an item's assets"), 1),
             .doc = "Of STAC items: the assets to stack; else those with the role data, else all rasters"},
            {.name = "bands",
             .rule = list_of(whole(1, 65536), 1),
             .doc = "Bands to read, from 1, of entries that name none themselves; all if left out"}};
}

std::vector<Key> crop_keys() {
    return {{.name = "statistics",
             .rule = one_of({"crop", "image"}),
             .doc = "What `from: scene` of a step is worked out of: each crop by itself, or the whole image "
                    "(or its `window`), as published for images cut beforehand",
             .fallback = "crop"},
            {.name = "flips",
             .rule = boolean(),
             .doc = "Crops are mirrored in both directions, each in half of the cases",
             .fallback = true},
            {.name = "min_valid",
             .rule = number(0.01, 1),
             .doc = "Share of a crop that has to be measured; other places are drawn up to ten times",
             .fallback = 0.5},
            {.name = "left_out_share",
             .rule = number(0, 1),
             .doc = "Share of the entries that may be unusable before the training ends",
             .fallback = 0.01},
            {.name = "open_scenes",
             .rule = whole(1, 100000),
             .doc = "Scenes kept open at a time; decides nothing but speed and open files",
             .fallback = 32},
            {.name = "validation_crops",
             .rule = whole(1, 1'000'000),
             .doc = "Crops of the entries with role `validation` that are judged, with fixed masks",
             .fallback = 64},
            {.name = "validate_every",
             .rule = whole(1, 1'000'000),
             .doc = "Epochs between two such judgements",
             .fallback = 1,
             .unit = "epochs"}};
}

std::vector<Key> step_keys() {
    return {{.name = "batch", .rule = whole(1, 1'000'000), .doc = "Crops of one pass", .fallback = 16},
            {.name = "accumulation",
             .rule = whole(1, 1'000'000),
             .doc = "Passes whose gradients make one step of the optimiser",
             .fallback = 1},
            {.name = "base_learning_rate",
             .rule = number(0, 1),
             .doc = "The rate at its highest is this times the crops of a step, over 256",
             .fallback = 1e-4},
            {.name = "weight_decay",
             .rule = number(0, 10),
             .doc = "Of AdamW; not on biases and norms, but on tables of positions and mask token",
             .fallback = 0.05},
            {.name = "betas",
             .rule = list_of(number(0, 0.9999999), 2, 2),
             .doc = "Of AdamW",
             .fallback = json::array({0.9, 0.95})},
            {.name = "precision",
             .rule = one_of({"float32", "bfloat16", "float16"}),
             .doc = "Of the network's products while it learns, as `recipe.precision` of other trainings",
             .fallback = "float32"},
            {.name = "checkpoint_steps",
             .rule = whole(0, 1'000'000'000),
             .doc = "Steps between two checkpoints; 0 = by time alone",
             .fallback = 0,
             .unit = "steps"},
            {.name = "checkpoint_minutes",
             .rule = number(0, 100000),
             .doc = "Time between two checkpoints; 0 = by steps alone",
             .fallback = 10,
             .unit = "minutes"},
            {.name = "stages",
             .rule = list_of(stage_rule(), 1, 100),
             .doc = "One after the other; optimiser and epochs begin anew in each",
             .required = true}};
}

PretrainingStage read_stage(const Value& map, double base_learning_rate) {
    PretrainingStage stage;
    stage.side = whole_or(map, "side", 0);
    stage.epochs = whole_or(map, "epochs", 0);
    stage.warmup = whole_or(map, "warmup",
                            static_cast<int>(std::lround(kWarmupShare * static_cast<double>(stage.epochs))));
    stage.base_learning_rate = number_at(map, "base_learning_rate").value_or(base_learning_rate);
    stage.positions = text_or(map, "positions", stage.positions);
    return stage;
}

void read_index(const Value& map, const std::string& folder, PretrainingDefinition& out) {
    out.index = resolved(map.find("index")->text, folder);
    if (const Value* list = map.find("assets"))
        for (const auto& item : list->items) out.assets.push_back(item.text);
    if (const Value* list = map.find("bands"))
        for (const auto& item : list->items)
            out.bands.push_back(static_cast<int>(whole_of(item).value_or(0)));
    out.statistics = text_or(map, "statistics", out.statistics);
    if (const Value* flips = map.find("flips")) out.flips = boolean_of(*flips).value_or(true);
    out.min_valid = number_at(map, "min_valid").value_or(out.min_valid);
    out.left_out_share = number_at(map, "left_out_share").value_or(out.left_out_share);
    out.open_scenes = whole_or(map, "open_scenes", out.open_scenes);
    out.validation_crops = whole_or(map, "validation_crops", out.validation_crops);
    out.validate_every = whole_or(map, "validate_every", out.validate_every);
}

/// What only a training with labels reads would be taken for obeyed.
void refuse_labelled_keys(const Document& document) {
    for (const char* key : {"labels", "classes", "nodata", "split", "recipe"})
        if (const Value* value = document.root.find(key))
            document.fail(*value, std::string(key) +
                                      ": belongs to a training with labels, and this one has pretraining; "
                                      "leave the key out");
    const Value* seeds = document.root.find("seeds");
    if (seeds && seeds->is_list() && seeds->items.size() > 1)
        document.fail(*seeds, "seeds: a pretraining has one seed");
}

}  // namespace

RulePtr pretraining_rule() {
    std::vector<Key> keys = index_keys();
    for (const auto& more : {crop_keys(), step_keys()}) keys.insert(keys.end(), more.begin(), more.end());
    return map_of(
        "pretraining",
        "Masked pretraining of `spectral_gpt` on an index of scenes: parts of each crop are hidden, "
        "and the network learns to fill them in.",
        std::move(keys));
}

std::optional<PretrainingDefinition> read_pretraining(const Document& document, const std::string& folder) {
    const Value* map = document.root.find("pretraining");
    if (!map) return std::nullopt;
    refuse_labelled_keys(document);
    PretrainingDefinition out;
    read_index(*map, folder, out);
    if (!out.assets.empty() && !out.index.ends_with("json"))
        document.fail(*map->find("assets"), "pretraining.assets: belongs to STAC items, which end in .json");
    out.batch = whole_or(*map, "batch", out.batch);
    out.accumulation = whole_or(*map, "accumulation", out.accumulation);
    out.weight_decay = number_at(*map, "weight_decay").value_or(out.weight_decay);
    if (const Value* betas = map->find("betas"))
        for (std::size_t i = 0; i < out.betas.size(); ++i)
            out.betas[i] = number_of(betas->items[i]).value_or(out.betas[i]);
    out.precision = text_or(*map, "precision", out.precision);
    out.checkpoint_steps = whole_or(*map, "checkpoint_steps", out.checkpoint_steps);
    out.checkpoint_minutes = number_at(*map, "checkpoint_minutes").value_or(out.checkpoint_minutes);
    const double rate = number_at(*map, "base_learning_rate").value_or(1e-4);
    for (const auto& item : map->find("stages")->items) {
        out.stages.push_back(read_stage(item, rate));
        if (out.stages.back().warmup > out.stages.back().epochs)
            document.fail(item, "pretraining.stages: warmup is longer than the stage's epochs");
    }
    return out;
}

nlohmann::ordered_json pretraining_recipe(const PretrainingDefinition& p) {
    auto stages = nlohmann::ordered_json::array();
    for (const auto& s : p.stages)
        stages.push_back({{"side", s.side},
                          {"epochs", s.epochs},
                          {"warmup", s.warmup},
                          {"base_learning_rate", s.base_learning_rate},
                          {"positions", s.positions}});
    nlohmann::ordered_json recipe = {{"statistics", p.statistics},
                                     {"flips", p.flips},
                                     {"min_valid", p.min_valid},
                                     {"left_out_share", p.left_out_share},
                                     {"validation_crops", p.validation_crops},
                                     {"validate_every", p.validate_every},
                                     {"batch", p.batch},
                                     {"accumulation", p.accumulation},
                                     {"weight_decay", p.weight_decay},
                                     {"betas", p.betas},
                                     {"stages", std::move(stages)}};
    if (p.precision != "float32") recipe["precision"] = p.precision;
    return recipe;
}

json pretraining_json(const PretrainingDefinition& p) {
    json out = pretraining_recipe(p);
    out["index"] = p.index;
    out["assets"] = p.assets;
    out["bands"] = p.bands;
    return out;
}

}  // namespace spectile::definition
