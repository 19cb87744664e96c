#include "training/train_targets.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/from_blob.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/checksum.hpp"
#include "spectile/error.hpp"
#include "training/model_folder.hpp"
#include "training/provenance.hpp"
#include "training/start_weights.hpp"
#include "training/target_crops.hpp"
#include "training/target_fit.hpp"
#include "training/target_scores.hpp"
#include "training/training_device.hpp"
#include "training/training_options.hpp"
#include "weights/safetensors.hpp"

namespace spectile::training {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr float kLogitTolerance = 1e-2F;  // Of logits: other orders of summation stay far below.

struct TrainedDetector {
    std::unique_ptr<networks::Network> network;
    TargetState state;
    StartReport start;
    std::uint64_t seed = 0;
    Json accuracy = Json::object();
    double score = -1;
};

/// What a training of targets consists of.
struct TargetTask {
    const Training& training;
    TargetRecipe recipe;
    std::optional<ModelCard> start;
    ModelCard card;
    std::vector<TargetImage> images;
    at::Device device = at::kCPU;
};

void check_architecture(const Training& training, const std::optional<ModelCard>& start) {
    if (start && !training.architecture.empty() && training.architecture != start->architecture)
        throw Error(Code::definition,
                    fmt::format("{}: architecture: is {}, and start is {}; leave the key out", training.file,
                                training.architecture, start->architecture));
    const auto& architecture = start ? start->architecture : training.architecture;
    if (architecture != "mim_istd")
        throw Error(Code::definition, fmt::format("{}: targets: are learnt by architecture mim_istd, not {}",
                                                  training.file, architecture));
}

/// Fingerprint of everything that decides the weights: places of files do not, their content does.
std::string fingerprint_of(const TargetTask& task, std::uint64_t seed) {
    Json how = Json::parse(to_json(task.recipe));
    if (task.recipe.common.keep == "last" && task.recipe.common.patience == 0)
        how.erase("validate_every");  // Then it decides nothing.
    Json said = {{"architecture", task.card.architecture},
                 {"parameters", Json::parse(task.card.parameters)},
                 {"recipe", how},
                 {"seed", seed}};
    if (task.start) said["start"] = task.start->weights_sha256;
    Sha256 sha;
    const auto text = said.dump();
    sha.update(text.data(), text.size());
    for (const auto& image : task.images) {
        const std::int64_t head[] = {image.width, image.height, static_cast<std::int64_t>(image.role)};
        sha.update(head, sizeof head);
        sha.update(image.values.data(), image.values.size() * sizeof(float));
        sha.update(image.truth.data(), image.truth.size());
    }
    return sha.finish();
}

std::string checkpoint_name(const Training& training, std::uint64_t seed) {
    return training.seeds.size() == 1 ? "checkpoint" : fmt::format("checkpoint-seed-{}", seed);
}

void judge_roles(TrainedDetector& trained, const std::vector<TargetImage>& images) {
    trained.network->train(false);
    for (const auto& [role, name] :
         {std::pair{Role::validation, "validation"}, std::pair{Role::test, "test"}}) {
        const auto found =
            judge_targets(*trained.network, images, role, overlap_of(trained.network->window()));
        if (found.images == 0) continue;
        trained.accuracy[name] = Json::parse(evaluate::to_json(found));
        if (role == Role::validation) trained.score = (found.iou() + found.niou()) / 2;
    }
}

TrainedDetector train_seed(const TargetTask& task, const TrainingOptions& options, std::uint64_t seed) {
    const auto& card = task.card;
    TrainedDetector trained;
    trained.seed = seed;
    trained.network = networks::make_network(card.architecture, card.parameters, seed);
    if (task.start) trained.start = take_weights(*task.start, card, *trained.network);
    put_network(*trained.network, task.device);
    trained.state = fit_targets(*trained.network, task.images, task.recipe,
                                {.seed = seed,
                                 .checkpoint = checkpoint_path(options, checkpoint_name(task.training, seed)),
                                 .fingerprint = fingerprint_of(task, seed),
                                 .stop = options.stop,
                                 .progress = options.progress,
                                 .parallel = options.parallel});
    judge_roles(trained, task.images);
    put_network(*trained.network, at::kCPU);
    return trained;
}

Json provenance_of(const TargetTask& task, const TrainedDetector& best) {
    const auto& targets = *task.training.targets;
    const auto& recipe = task.recipe;
    std::map<std::string, int> counts = {{"training", 0}, {"validation", 0}, {"test", 0}};
    for (const auto& image : task.images)
        ++counts[image.role == Role::training     ? "training"
                 : image.role == Role::validation ? "validation"
                                                  : "test"];
    const auto name = [](const std::string& path) { return fs::path(path).filename().string(); };
    Json said = {{"images", counts},
                 {"lists",
                  {{"training", name(targets.training)},
                   {"validation", name(targets.validation)},
                   {"test", name(targets.test)}}},
                 {"recipe", Json::parse(to_json(recipe))},
                 {"seed", best.seed},
                 {"epoch", recipe.common.keep == "best" && best.state.best_epoch > 0 ? best.state.best_epoch
                                                                                     : best.state.epoch},
                 {"epochs", best.state.epoch}};
    if (task.start) said["start"] = start_json(*task.start, best.start);
    return said;
}

/// The corner of the first test image (else the first of all) that fills a tile, and its logits.
void write_selftest(const std::string& path, networks::Network& network,
                    const std::vector<TargetImage>& images) {
    const TargetImage* chosen = &images.front();
    for (const auto& image : images)
        if (image.role == Role::test) {
            chosen = &image;
            break;
        }
    const std::int64_t side = network.window();
    std::vector<float> input(static_cast<std::size_t>(side * side));
    for (std::int64_t i = 0; i < side * side; ++i)
        input[static_cast<std::size_t>(i)] = chosen->values[static_cast<std::size_t>(
            mirrored(i / side, chosen->height) * chosen->width + mirrored(i % side, chosen->width))];
    const at::AutoGradMode no_gradients(false);
    const auto logits =
        network.forward(at::from_blob(input.data(), {1, 1, side, side}, at::kFloat)).contiguous();
    const auto values = values_of(logits);
    const std::vector<float> tolerance = {kLogitTolerance};
    const auto view = [](std::span<const float> data, std::vector<std::int64_t> shape) {
        return weights::TensorView{
            .dtype = weights::ElementType::F32, .shape = std::move(shape), .data = std::as_bytes(data)};
    };
    weights::write_safetensors(path,
                               {{"input", view(input, {1, side, side})},
                                {"output", view(values, {1, side, side})},
                                {"tolerance", view(tolerance, {1})}},
                               {});
}

}  // namespace

std::string train_targets(const Training& training, const TrainingOptions& options, at::Device device) {
    check_options(training, options);
    TargetTask task = {.training = training,
                       .recipe = read_target_recipe(training.recipe, training.file),
                       .start = std::nullopt,
                       .card = {},
                       .images = {},
                       .device = device};
    check_precision(task.recipe.common.precision, device, training.file);
    if (!training.start.empty()) task.start = read_model_card(training.start);
    check_architecture(training, task.start);
    task.card = target_card(training, task.start);
    std::vector<std::string> warnings;
    task.images = load_target_images(training, task.card, warnings);
    for (const auto& warning : warnings) spdlog::warn("{}", warning);

    std::optional<TrainedDetector> best;
    Json seeds = Json::array();
    for (const auto seed : training.seeds) {
        auto trained = train_seed(task, options, seed);
        Json line = {{"seed", seed}};
        for (const auto& [role, figures] : trained.accuracy.items())
            line[role] = {{"iou", figures["iou"]}, {"niou", figures["niou"]}};
        seeds.push_back(line);
        if (!best || trained.score > best->score) best = std::move(trained);
    }
    Json accuracy = best->accuracy;
    accuracy["seeds"] = seeds;
    task.card.halo = overlap_of(best->network->window()) / 2;
    task.card.training = provenance_of(task, *best).dump();
    task.card.accuracy = accuracy.dump();
    write_model_folder(training.output, task.card,
                       {*best->network,
                        [&](const std::string& path) { write_selftest(path, *best->network, task.images); },
                        {}});
    return accuracy.dump(2);
}

}  // namespace spectile::training
