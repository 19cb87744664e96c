#include "training/train_patches.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/checksum.hpp"
#include "pipeline/model_card.hpp"
#include "spectile/error.hpp"
#include "training/fit.hpp"
#include "training/gpt_card.hpp"
#include "training/gpt_training.hpp"
#include "training/layer_decay.hpp"
#include "training/model_folder.hpp"
#include "training/patch_judge.hpp"
#include "training/patch_lessons.hpp"
#include "training/patch_view.hpp"
#include "training/pooling.hpp"
#include "training/provenance.hpp"
#include "training/training_card.hpp"
#include "training/training_device.hpp"
#include "training/training_options.hpp"
#include "training/without_one_dnn.hpp"

namespace spectile::training {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kTask = "classification";
/// A new head on weights that are taken over begins a thousandth as large, as published: 2e-5 to 0.02.
constexpr float kNewHead = 1e-3F;

/// What the trainings of all seeds share.
struct PatchTraining {
    const Training& training;
    const TrainingOptions& options;
    PatchList list;
    std::optional<ModelCard> start;
    ModelCard card;
    GptRecipe recipe;
    std::vector<std::string> warnings;
    at::Device device;

    GptTask task() const { return {kTask, list.multi_label()}; }
};

std::optional<ModelCard> start_of(const Training& training) {
    std::optional<ModelCard> start;
    if (!training.start.empty()) start = read_model_card(training.start);
    const auto& architecture = start ? start->architecture : training.architecture;
    if (architecture != "spectral_gpt")
        throw Error(Code::definition,
                    fmt::format("{}: patches: are learnt by architecture spectral_gpt, not {}", training.file,
                                architecture));
    return start;
}

/// As the definition says, else as the classifier that it starts from.
bool is_multi_label(const Training& training, const std::optional<ModelCard>& start) {
    Json parameters = start ? Json::parse(start->parameters) : Json::object();
    parameters.merge_patch(Json::parse(training.parameters));
    const auto said = parameters.value("multi_label", Json(false));
    return said.is_boolean() && said.get<bool>();
}

/// Steps `from: scene` become numbers before the bands are counted: a step may change those.
ModelCard card_of(const Training& training, const std::optional<ModelCard>& start, const PatchList& list,
                  const ParallelFor& parallel) {
    const SceneInfo first = first_patch(list);
    ModelCard card = card_for(training, start, first);
    set_gpt_task(card, gpt_task(training));
    freeze_steps(card, list, parallel);
    auto parameters = Json::parse(card.parameters);
    parameters["bands"] = bands_of_date(training, kTask, prepare::make_chain(first, {}, card).bands().size());
    if (list.multi_label()) parameters["multi_label"] = true;
    card.parameters = parameters.dump();
    return card;
}

PatchTraining open_training(const Training& training, const TrainingOptions& options, at::Device device) {
    auto start = start_of(training);
    const GptTask task{kTask, is_multi_label(training, start)};
    auto recipe = read_gpt_recipe(training.recipe, task, training.file);
    check_precision(recipe.common.precision, device, training.file);
    std::vector<std::string> warnings;
    auto list = PatchList::open(training, task.multi_label);
    list.draw_roles(training.split, training.seeds.front(), warnings);
    auto card = card_of(training, start, list, options.parallel);
    return {training,        options,           std::move(list),     std::move(start),
            std::move(card), std::move(recipe), std::move(warnings), device};
}

/// Fingerprint of everything that decides the weights but the images themselves.
std::string fingerprint_of(const PatchTraining& all, std::uint64_t seed) {
    const auto& card = all.card;
    Json classes = Json::array(), roles = Json::array();
    for (const auto& c : card.classes) classes.push_back({c.value, c.name});
    for (std::size_t i = 0; i < all.list.size(); ++i) roles.push_back(static_cast<int>(all.list[i].role));
    Json said = {{"parameters", Json::parse(card.parameters)},
                 {"recipe", Json::parse(to_json(all.recipe, all.task()))},
                 {"index", all.list.summary().sha256},
                 {"reading", Json::parse(all.training.canonical.empty() ? "{}" : all.training.canonical)
                                 .value("patches", Json::object())},
                 {"roles", roles},
                 {"classes", classes}};
    add_preparation(card, said);
    said["start"] = all.start ? all.start->weights_sha256 : std::string();
    said["seed"] = seed;
    return sha256_of(said.dump());
}

void judge_roles(const PatchTraining& all, PatchSource& source, Trained& trained) {
    auto& network = dynamic_cast<networks::SpectralGpt&>(*trained.network);
    trained.patches = true;
    for (const auto role : {Role::validation, Role::test}) {
        if (all.list.with_role(role).empty() || (role == Role::test && all.options.leave_test)) continue;
        const auto scores =
            score_patches(network, source, role, {all.recipe.centre_share, all.options.parallel});
        const bool test = role == Role::test;
        if (all.list.multi_label()) {
            auto& labels = test ? trained.test_labels : trained.validation_labels;
            labels = labels_of(scores, all.list, all.recipe.common.batch);
            if (!test) trained.score = labels->micro_average_precision;
            continue;
        }
        auto& confusion = test ? trained.test : trained.validation;
        confusion = confusion_of(scores, all.list);
        const auto accuracy = confusion->accuracy();
        if (!test) trained.score = (accuracy.overall + accuracy.average) / 2;
    }
}

void take_start(const PatchTraining& all, Trained& trained) {
    if (!all.start) return;
    trained.start = take_weights(*all.start, all.card, *trained.network);
    const auto& fresh = trained.start.fresh;
    if (std::find(fresh.begin(), fresh.end(), "head.weight") == fresh.end()) return;
    for (const auto& t : trained.network->tensors())
        if (t.name == "head.weight")
            for (float& value : values_of(t.tensor)) value *= kNewHead;
}

Trained train_seed(PatchTraining& all, std::uint64_t seed) {
    const WithoutOneDnn without;
    const auto& split = all.training.split;
    std::vector<std::string> told;  // The first seed's draw has told it.
    all.list.draw_roles(split, split.redraw ? seed : all.training.seeds.front(), told);
    Trained trained;
    trained.trial = {-1, seed, split};
    trained.network = networks::make_network("spectral_gpt", all.card.parameters, seed);
    take_start(all, trained);
    put_network(*trained.network, all.device);
    auto& network = dynamic_cast<networks::SpectralGpt&>(*trained.network);
    PatchSource source(all.list, all.card);
    PatchLessons lessons(network, {source, all.recipe, seed, all.options.parallel});
    const auto name = all.training.seeds.size() == 1 ? "checkpoint" : fmt::format("checkpoint-seed-{}", seed);
    trained.state =
        fit(network, lessons, all.recipe.common,
            {.seed = seed,
             .checkpoint = checkpoint_path(all.options, name),
             .fingerprint = fingerprint_of(all, seed),
             .stop = all.options.stop,
             .progress = progress_of(all.options, trained.trial),
             .parallel = all.options.parallel,
             .rate_scales = rate_scales(network.tensors(), network.config().depth, all.recipe.layer_decay)});
    judge_roles(all, source, trained);
    put_network(network, at::kCPU);
    return trained;
}

std::string selection_of(const PatchTraining& all, const Trained& best) {
    if (all.recipe.common.keep != "best" || best.score < 0) return "the last epoch";
    return fmt::format(
        "the epoch with the highest {} on validation",
        all.list.multi_label() ? "micro average precision" : "mean of overall and average accuracy");
}

Json provenance_of(const PatchTraining& all, const Trained& best) {
    const auto& split = all.training.split;
    const auto& index = all.list.summary();
    Json how = {{"by", split.by}};
    if (split.by == "random") {
        how["validation_share"] = split.validation_share;
        how["test_share"] = split.test_share;
    }
    Json said = {{"index", {{"file", index.file}, {"sha256", index.sha256}}},
                 {"split", how},
                 {"patches",
                  {{"training", all.list.with_role(Role::training).size()},
                   {"validation", all.list.with_role(Role::validation).size()},
                   {"test", all.list.with_role(Role::test).size()}}},
                 {"recipe", Json::parse(to_json(all.recipe, all.task()))},
                 {"seed", best.trial.seed},
                 {"epoch", best.state.best_epoch},
                 {"epochs", best.state.epoch},
                 {"selection", selection_of(all, best)}};
    if (all.start) said["start"] = start_json(*all.start, best.start);
    return said;
}

/// A patch as it is judged: the first that tests, else validates, else trains.
Cube test_patch(const PatchTraining& all, networks::Network& network) {
    std::vector<std::size_t> patches;
    for (const auto role : {Role::test, Role::validation, Role::training})
        if (patches.empty()) patches = all.list.with_role(role);
    const auto patch = PatchSource(all.list, all.card).read(patches.front());
    const auto view = centre_view(*patch, network.window(), all.recipe.centre_share);
    Cube cube;
    cube.reset({0, 0, network.window(), network.window()}, patch->bands);
    const auto values = values_of(view);
    cube.values.assign(values.begin(), values.end());
    std::fill(cube.valid.begin(), cube.valid.end(), std::uint8_t{1});
    return cube;
}

Json record_of(const PatchTraining& all, const std::vector<Trained>& trials, const Json& said) {
    Json record = {{"name", all.training.name},
                   {"architecture", all.card.architecture},
                   {"parameters", Json::parse(all.card.parameters)},
                   {"training", said},
                   {"trials", Json::array()}};
    for (const auto& trial : trials) record["trials"].push_back(training::record_of(trial));
    if (all.list.multi_label())
        record["panels"] = {{{"title", "Loss"}, {"column", 1}},
                            {{"title", "Labels right in training, as shown"}, {"column", 2}},
                            {{"title", "Micro average precision on validation"}, {"column", 3}},
                            {{"title", "Macro average precision on validation"}, {"column", 4}}};
    return record;
}

}  // namespace

TrainingResult train_patches(const Training& training, const TrainingOptions& options, at::Device device) {
    check_options(training, options);
    if (!options.only_folds.empty()) throw Error(Code::usage, "--folds: this training has no folds");
    auto all = open_training(training, options, device);
    std::vector<Trained> trials;
    for (const auto seed : training.seeds) trials.push_back(train_seed(all, seed));
    const auto best = std::max_element(trials.begin(), trials.end(),
                                       [](const Trained& a, const Trained& b) { return a.score < b.score; });
    std::vector<std::string> told;
    if (training.split.redraw) all.list.draw_roles(training.split, best->trial.seed, told);
    const Json said = provenance_of(all, *best), accuracy = accuracy_of(trials, *best);
    all.card.training = said.dump();
    all.card.accuracy = accuracy.dump();
    write_model_folder(training.output, all.card,
                       FinishedNetwork{*best->network, [&](const std::string& path) {
                                           write_window(path, *best->network,
                                                        test_patch(all, *best->network));
                                       }});
    return {.accuracy = accuracy.dump(2),
            .record = record_of(all, trials, said).dump(),
            .judged = {},
            .warnings = all.warnings};
}

}  // namespace spectile::training
