#include "training/train.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "spectile/error.hpp"
#include "training/gpt_training.hpp"
#include "training/model_folder.hpp"
#include "training/pooling.hpp"
#include "training/prepared_scenes.hpp"
#include "training/pretrain.hpp"
#include "training/provenance.hpp"
#include "training/train_patches.hpp"
#include "training/train_targets.hpp"
#include "training/training_device.hpp"
#include "training/training_options.hpp"
#include "training/trial.hpp"

namespace spectile::training {
namespace {

using Json = nlohmann::ordered_json;

Json cross_validation_of(const TrialContext& context, const std::vector<Trained>& trials) {
    Json json = {{"folds", Json::array()}, {"seeds", context.training.seeds}};
    std::set<int> seen;
    for (const auto& t : trials)
        if (seen.insert(t.trial.fold).second)
            json["folds"].push_back({{"fold", t.trial.fold},
                                     {"test_tiles", t.trial.split.test},
                                     {"validation_tiles", t.trial.split.validation}});
    json["validation"] = pooled(trials, Role::validation);
    json["test"] = pooled(trials, Role::test);
    return json;
}

void write_model(TrialContext& context, TrainingScenes& scenes, const Trained& best, const Json& accuracy) {
    // The roles of the kept trial: with `redraw` the last one's are others.
    std::vector<std::string> told;
    const auto draw = best.trial.split.redraw ? best.trial.seed : context.training.seeds.front();
    assign_roles(best.trial.split, context.data.ground(), draw, context.data.samples, told);
    if (!context.gpt) scenes.card.halo = (context.data.window - 1) / 2;
    scenes.card.training = provenance_of(context, best);
    scenes.card.accuracy = accuracy.dump();
    std::map<std::string, std::string> files;
    Dataset own;
    if (best.whitening) {  // So many numbers have a file of their own.
        files["whitening.json"] = step_of(*best.whitening).parameters + "\n";
        scenes.card.prepare.push_back({"whiten", R"({"file": "whitening.json"})", "", {}});
        own = whitened(context.data, *best.whitening);
    }
    const Dataset& data = best.whitening ? own : context.data;
    if (context.gpt)
        return write_scene_model(context.training.output, scenes.card, *best.network, data, files);
    write_model_folder(context.training.output, scenes.card, {*best.network, data, files});
}

std::string record_of(const TrialContext& context, const std::vector<Trained>& trials, const Trained& best) {
    Json record = {{"name", context.training.name},
                   {"architecture", context.scenes.card.architecture},
                   {"parameters", Json::parse(context.scenes.card.parameters)},
                   {"training", Json::parse(provenance_of(context, best))},
                   {"trials", Json::array()}};
    for (const auto& trial : trials) record["trials"].push_back(record_of(trial));
    return record.dump();
}

/// Pixels for the picture: of the kept network, or of all folds with the first seed.
std::vector<JudgedPixel> judged_of(const std::vector<Trained>& trials, const Trained& best) {
    std::vector<JudgedPixel> judged;
    for (const auto& t : trials)
        if (t.trial.fold < 0 ? &t == &best : t.trial.seed == trials.front().trial.seed)
            judged.insert(judged.end(), t.judged.begin(), t.judged.end());
    return judged;
}

std::vector<std::string> each_once(const std::vector<std::string>& lines) {
    std::set<std::string> seen;
    std::vector<std::string> once;
    for (const auto& line : lines)
        if (seen.insert(line).second) once.push_back(line);
    return once;
}

}  // namespace

TrainingResult train(const Training& training, const TrainingOptions& options) {
    return train(training, options, training_device(options));
}

TrainingResult train(const Training& training, const TrainingOptions& options, at::Device device) {
    if (options.processes.count > 1 && !training.pretraining)
        throw Error(Code::usage, training.file +
                                     ": --distributed is of pretrainings alone; leave it out, and give each "
                                     "process a training of its own");
    if (training.targets)
        return {.accuracy = train_targets(training, options, device),
                .record = "{}",
                .judged = {},
                .warnings = {}};
    if (training.patches) return train_patches(training, options, device);
    if (training.pretraining) return pretrain(training, options, device);
    const bool folds = training.split.is_cross_validation();
    check_options(training, options, folds ? "accuracy.json" : "model.yaml");
    TrainingScenes scenes = open_training_scenes(training);
    const auto gpt = gpt_training(training, scenes.card);
    const Recipe recipe = gpt ? gpt->recipe.common : read_recipe(training.recipe, training.file);
    check_precision(recipe.precision, device, training.file);
    const auto network =
        networks::make_network(scenes.card.architecture, scenes.card.parameters, training.seeds.front());
    // Crops are cut from the scene itself, patches reach beyond its border.
    const int window = gpt ? 1 : network->window();
    std::vector<std::string> warnings;
    Dataset data = load_dataset(training, scenes, window, warnings);
    TrialContext context{training, options, scenes, recipe, data, warnings, gpt ? &*gpt : nullptr, device};

    std::vector<Trained> trials;
    for (const auto& trial : trials_of(context)) trials.push_back(run_trial(context, trial));
    const auto best = std::max_element(trials.begin(), trials.end(),
                                       [](const Trained& a, const Trained& b) { return a.score < b.score; });
    const Json accuracy = folds ? cross_validation_of(context, trials) : accuracy_of(trials, *best);
    if (!folds) write_model(context, scenes, *best, accuracy);
    return {.accuracy = accuracy.dump(2),
            .record = record_of(context, trials, *best),
            .judged = judged_of(trials, *best),
            .warnings = each_once(warnings)};
}

}  // namespace spectile::training
