#include "training/trial.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/checksum.hpp"
#include "spectile/error.hpp"
#include "training/fit.hpp"
#include "training/gpt_training.hpp"
#include "training/pixel_judge.hpp"
#include "training/training_device.hpp"
#include "training/training_options.hpp"

namespace spectile::training {
namespace {

using Json = nlohmann::ordered_json;

/// Fingerprint of everything that decides the weights: files and their places do not, their content does.
std::string fingerprint_of(const TrialContext& context, const Trial& trial, const Dataset& data) {
    const auto& card = context.scenes.card;
    Json said = {{"architecture", card.architecture},
                 {"parameters", Json::parse(card.parameters)},
                 {"recipe", recipe_of(context)},
                 {"start", context.scenes.start ? context.scenes.start->weights_sha256 : std::string()},
                 {"seed", trial.seed},
                 {"window", data.window}};
    if (context.gpt)  // The squares say where crops may lie.
        said["crops"] = {{"by", trial.split.by}, {"tile", trial.split.tile}};
    for (const auto& chain : context.scenes.chains)  // The scenes' values do not show these steps.
        if (chain.depends_on_tile()) said["windows"].push_back(chain.recipe());
    Sha256 sha;
    const auto text = said.dump();
    sha.update(text.data(), text.size());
    sha.update(data.dark.data(), data.dark.size() * sizeof(float));
    for (const auto& scene : data.scenes)
        sha.update(scene.values.data(), scene.values.size() * sizeof(float));
    for (const auto& s : data.samples) {
        const std::int64_t row[] = {s.scene, s.x, s.y, s.target, static_cast<std::int64_t>(s.role)};
        sha.update(row, sizeof row);
    }
    return sha.finish();
}

std::string checkpoint_of(const TrialContext& context, const Trial& trial) {
    // One network is the rule; several have a file each.
    std::string name = "checkpoint";
    if (trial.fold >= 0) name += fmt::format("-fold-{}", trial.fold);
    if (trial.fold >= 0 || context.training.seeds.size() > 1) name += fmt::format("-seed-{}", trial.seed);
    return checkpoint_path(context.options, name);
}

/// Judges the pixels of one role and keeps them for pictures.
evaluate::Confusion judge_role(Trained& trained, const TrialContext& context, const Dataset& data,
                               Role role) {
    const auto judged = context.gpt
                            ? judge_scenes(dynamic_cast<networks::SpectralGpt&>(*trained.network), data, role,
                                           {context.gpt->windows, context.options.parallel})
                            : judge(*trained.network, data, role, context.options.parallel);
    trained.judged.clear();
    for (std::size_t i = 0; i < judged.samples.size(); ++i) {
        const auto& s = data.samples[judged.samples[i]];
        const auto value = [&](int target) { return data.classes[static_cast<std::size_t>(target)].value; };
        trained.judged.push_back({s.scene, s.x, s.y, value(s.target), value(judged.predicted[i])});
    }
    return judged.confusion;
}

void judge_roles(Trained& trained, const TrialContext& context, const Dataset& data) {
    if (!data.with_role(Role::validation).empty()) {
        trained.validation = judge_role(trained, context, data, Role::validation);
        const auto accuracy = trained.validation->accuracy();
        trained.score = context.gpt ? score_of(accuracy, data, context.gpt->task)
                                    : (accuracy.overall + accuracy.average) / 2;
    }
    if (!context.options.leave_test && !data.with_role(Role::test).empty())
        trained.test = judge_role(trained, context, data, Role::test);
}

}  // namespace

std::function<void(const TrainingProgress&)> progress_of(const TrainingOptions& options, const Trial& trial) {
    const auto& progress = options.progress;
    if (!progress) return {};
    return [&progress, &trial](const TrainingProgress& line) {
        TrainingProgress named = line;
        named.fold = trial.fold;
        named.seed = trial.seed;
        progress(named);
    };
}

nlohmann::ordered_json recipe_of(const TrialContext& context) {
    return Json::parse(context.gpt ? to_json(context.gpt->recipe, {context.gpt->task})
                                   : to_json(context.recipe));
}

std::vector<Trial> trials_of(const TrialContext& context) {
    const auto& training = context.training;
    const auto& only = context.options.only_folds;
    std::vector<Trial> trials;
    if (!training.split.is_cross_validation()) {
        if (!only.empty()) throw Error(Code::usage, "--folds: this training has no folds");
        for (const auto seed : training.seeds) trials.push_back({-1, seed, training.split});
        return trials;
    }
    const auto folds = folds_of(training.split, context.data.ground(), context.data.samples);
    const int count = static_cast<int>(folds.size());
    for (const int fold : only)
        if (fold < 0 || fold >= count)
            throw Error(Code::usage,
                        fmt::format("--folds: there is no fold {}; folds run from 0 to {}", fold, count - 1));
    const std::set<int> chosen(only.begin(), only.end());
    for (int fold = 0; fold < count; ++fold)
        for (const auto seed : training.seeds)
            if (chosen.empty() || chosen.count(fold) != 0)
                trials.push_back({fold, seed, split_of_fold(training.split, folds, fold)});
    return trials;
}

Trained run_trial(const TrialContext& context, const Trial& trial) {
    const auto& card = context.scenes.card;
    const auto draw = trial.split.redraw ? trial.seed : context.training.seeds.front();
    assign_roles(trial.split, context.data.ground(), draw, context.data.samples, context.warnings);
    Trained trained;
    trained.trial = trial;
    std::optional<Dataset> own;
    if (context.scenes.whitening) {
        trained.whitening = fit_whitening(context.data, *context.scenes.whitening);
        own = whitened(context.data, *trained.whitening);
    }
    const Dataset& data = own ? *own : context.data;
    trained.network = networks::make_network(card.architecture, card.parameters, trial.seed);
    if (context.scenes.start) trained.start = take_weights(*context.scenes.start, card, *trained.network);
    put_network(*trained.network, context.device);
    const FitOptions options = {.seed = trial.seed,
                                .checkpoint = checkpoint_of(context, trial),
                                .fingerprint = fingerprint_of(context, trial, data),
                                .stop = context.options.stop,
                                .progress = progress_of(context.options, trial),
                                .parallel = context.options.parallel};
    if (context.gpt)
        fit_crops(trained, context, data, options);
    else
        trained.state = fit(*trained.network, data, context.recipe, options);
    judge_roles(trained, context, data);
    put_network(*trained.network, at::kCPU);
    return trained;
}

}  // namespace spectile::training
