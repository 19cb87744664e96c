#include "training/train.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/checksum.hpp"
#include "spectile/error.hpp"
#include "training/fit.hpp"
#include "training/model_folder.hpp"
#include "training/prepared_scenes.hpp"
#include "training/train_targets.hpp"

namespace spectile::training {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// One seed's network with its figures.
struct Trained {
    std::unique_ptr<networks::Network> network;
    TrainingState state;
    std::uint64_t seed = 0;
    Json accuracy = Json::object();
    double score = -1;  ///< On the validation pixels; -1 without any.
};

void check_options(const Training& training, const TrainingOptions& options) {
    if (options.device != "cpu" && options.device != "auto")
        throw Error(Code::device,
                    fmt::format("--device {}: training runs on the CPU; use cpu", options.device));
    if (!options.overwrite && fs::exists(fs::path(training.output) / "model.yaml"))
        throw Error(
            Code::publish,
            fmt::format("{}: holds a model already; give --overwrite or another output", training.output));
}

/// Fingerprint of everything that decides the weights: files and their places do not, their content does.
std::string fingerprint_of(const Training& training, const ModelCard& card, const Recipe& recipe,
                           const Dataset& data, std::uint64_t seed) {
    const Json said = {{"architecture", training.architecture},
                       {"parameters", Json::parse(card.parameters)},
                       {"recipe", Json::parse(to_json(recipe))},
                       {"seed", seed},
                       {"window", data.window}};
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

std::string checkpoint_path(const Training& training, const TrainingOptions& options, std::uint64_t seed) {
    if (options.work.empty()) return {};
    fs::create_directories(options.work);
    // One seed is the rule; several have a file each.
    const auto name = training.seeds.size() == 1 ? std::string("checkpoint.safetensors")
                                                 : fmt::format("checkpoint-seed-{}.safetensors", seed);
    const auto path = (fs::path(options.work) / name).string();
    if (options.restart) fs::remove(path);
    return path;
}

void judge_roles(Trained& trained, const Dataset& data, const ParallelFor& parallel) {
    for (const auto& [role, name] :
         {std::pair{Role::validation, "validation"}, std::pair{Role::test, "test"}}) {
        if (data.with_role(role).empty()) continue;
        const auto accuracy = judge(*trained.network, data, role, parallel);
        trained.accuracy[name] = Json::parse(evaluate::to_json(accuracy, -1));
        if (role == Role::validation) trained.score = (accuracy.overall + accuracy.average) / 2;
    }
}

/// One line per seed for the card: overall and average accuracy of every role.
Json summary_of(const Trained& trained) {
    Json line = {{"seed", trained.seed}, {"epoch", trained.state.best_epoch}};
    for (const auto& [role, accuracy] : trained.accuracy.items())
        line[role] = {{"overall_accuracy", accuracy["overall_accuracy"]},
                      {"average_accuracy", accuracy["average_accuracy"]}};
    return line;
}

Trained train_seed(const Training& training, const TrainingOptions& options, const ModelCard& card,
                   const Recipe& recipe, const Dataset& data, std::uint64_t seed) {
    Trained trained;
    trained.seed = seed;
    trained.network = networks::make_network(training.architecture, card.parameters, seed);
    trained.state = fit(*trained.network, data, recipe,
                        {.seed = seed,
                         .checkpoint = checkpoint_path(training, options, seed),
                         .fingerprint = fingerprint_of(training, card, recipe, data, seed),
                         .stop = options.stop,
                         .progress = options.progress,
                         .parallel = options.parallel});
    judge_roles(trained, data, options.parallel);
    return trained;
}

/// `training:` of the card: enough to know what the figures mean and to do it again.
Json provenance_of(const Training& training, const Recipe& recipe, const Dataset& data, const Trained& best) {
    Json scenes = Json::array();
    for (std::size_t i = 0; i < training.scenes.size(); ++i) {
        Json files = Json::array();
        for (const auto& path : training.scenes[i].paths) files.push_back(fs::path(path).filename().string());
        scenes.push_back(
            {{"files", files}, {"labels", fs::path(training.labels[i].path).filename().string()}});
    }
    const auto& split = training.split;
    Json how = {{"by", split.by}};
    if (split.by == "tiles") how["tile"] = split.tile;
    if (split.by == "random") {
        how["validation_share"] = split.validation_share;
        how["test_share"] = split.test_share;
    } else {
        how["validation"] = split.validation;
        how["test"] = split.test;
    }
    Json pixels = Json::object();
    for (const auto& [role, name] :
         {std::pair{Role::training, "training"}, std::pair{Role::validation, "validation"},
          std::pair{Role::test, "test"}})
        pixels[name] = data.with_role(role).size();
    return {
        {"scenes", scenes},
        {"split", how},
        {"pixels", pixels},
        {"recipe", Json::parse(to_json(recipe))},
        {"seed", best.seed},
        {"epoch", best.state.best_epoch},
        {"epochs", best.state.epoch},
        {"selection", recipe.keep == "best" && best.score >= 0
                          ? "the epoch with the highest mean of overall and average accuracy on validation"
                          : "the last epoch"}};
}

}  // namespace

std::string train(const Training& training, const TrainingOptions& options) {
    if (training.targets) return train_targets(training, options);
    check_options(training, options);
    const Recipe recipe = read_recipe(training.recipe, training.file);
    TrainingScenes scenes = open_training_scenes(training);
    const int window =
        networks::make_network(training.architecture, scenes.card.parameters, training.seeds.front())
            ->window();
    std::vector<std::string> warnings;
    const Dataset data = load_dataset(training, scenes, window, warnings);
    for (const auto& warning : warnings) spdlog::warn("{}", warning);

    std::optional<Trained> best;
    Json seeds = Json::array();
    for (const auto seed : training.seeds) {
        Trained trained = train_seed(training, options, scenes.card, recipe, data, seed);
        seeds.push_back(summary_of(trained));
        if (!best || trained.score > best->score) best = std::move(trained);
    }
    Json accuracy = best->accuracy;
    accuracy["seeds"] = seeds;
    scenes.card.halo = (window - 1) / 2;
    scenes.card.training = provenance_of(training, recipe, data, *best).dump();
    scenes.card.accuracy = accuracy.dump();
    write_model_folder(training.output, scenes.card, *best->network, data);
    return accuracy.dump(2);
}

}  // namespace spectile::training
