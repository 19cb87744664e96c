#include "training/provenance.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "training/gpt_training.hpp"

namespace spectile::training {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::string name_of(const std::string& path) { return fs::path(path).filename().string(); }

Json scenes_json(const Training& training) {
    Json scenes = Json::array();
    for (std::size_t i = 0; i < training.scenes.size(); ++i) {
        Json files = Json::array();
        for (const auto& path : training.scenes[i].paths) files.push_back(name_of(path));
        const auto& labels = training.labels[i];
        Json scene = {{"files", files}, {"labels", name_of(labels.path)}};
        if (!labels.validation.empty()) scene["validation_labels"] = name_of(labels.validation);
        if (!labels.test.empty()) scene["test_labels"] = name_of(labels.test);
        scenes.push_back(std::move(scene));
    }
    return scenes;
}

Json split_json(const SplitDefinition& split) {
    Json how = {{"by", split.by}};
    if (split.by == "tiles" || split.by == "blocks") how["tile"] = split.tile;
    if (split.by == "random" || split.by == "blocks") {
        if (split.training_pixels > 0) {
            how["training_pixels"] = split.training_pixels;
        } else {
            how["validation_share"] = split.validation_share;
            how["test_share"] = split.test_share;
        }
    } else {
        how["validation"] = split.validation;
        how["test"] = split.test;
    }
    return how;
}

/// Whether the network has seen held-back ground as surroundings of what it learnt.
Json crops_json(const CropSupply& supply) {
    return {{"side", supply.side},
            {"pixels_off_held_back_ground", supply.inside},
            {"pixels_with_held_back_surroundings", supply.outside}};
}

}  // namespace

Json start_json(const ModelCard& start, const StartReport& report) {
    return {{"model", start.name},
            {"sha256", start.weights_sha256},
            {"taken", report.taken},
            {"new", report.fresh}};
}

std::string provenance_of(const TrialContext& context, const Trained& best) {
    Json pixels = Json::object();
    for (const auto& [role, name] :
         {std::pair{Role::training, "training"}, std::pair{Role::validation, "validation"},
          std::pair{Role::test, "test"}})
        pixels[name] = context.data.with_role(role).size();
    const std::string measure = !context.gpt                    ? "mean of overall and average accuracy"
                                : context.gpt->task == "change" ? "F1 of change"
                                                                : "mean IoU";
    const bool chosen = context.recipe.keep == "best" && best.score >= 0;
    Json said = {{"scenes", scenes_json(context.training)},
                 {"split", split_json(context.training.split)},
                 {"pixels", pixels},
                 {"recipe", recipe_of(context)},
                 {"seed", best.trial.seed},
                 {"epoch", best.state.best_epoch},
                 {"epochs", best.state.epoch},
                 {"selection",
                  chosen ? "the epoch with the highest " + measure + " on validation" : "the last epoch"}};
    if (best.crops) said["crops"] = crops_json(*best.crops);
    if (context.scenes.start) said["start"] = start_json(*context.scenes.start, best.start);
    return said.dump();
}

}  // namespace spectile::training
