#include "training/gpt_training.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/serially.hpp"
#include "models/entries/registry.hpp"
#include "models/networks/spectral_gpt/tile_model.hpp"
#include "spectile/error.hpp"
#include "training/layer_decay.hpp"
#include "training/model_folder.hpp"
#include "training/scene_judge.hpp"
#include "training/selftest_file.hpp"
#include "training/without_one_dnn.hpp"

namespace spectile::training {
namespace {

networks::SpectralGpt& gpt_of(networks::Network& network) {
    return dynamic_cast<networks::SpectralGpt&>(network);
}

/// The window around the first training sample, shifted into the scene.
Cube test_window(const Dataset& data, int side) {
    const auto found = std::find_if(data.samples.begin(), data.samples.end(),
                                    [](const Sample& s) { return s.role == Role::training; });
    const auto& sample = found == data.samples.end() ? data.samples.front() : *found;
    const auto& scene = data.scenes[static_cast<std::size_t>(sample.scene)];
    const auto start = [&](std::int64_t at, std::int64_t size) {
        return std::clamp<std::int64_t>(at - side / 2, 0, std::max<std::int64_t>(0, size - side));
    };
    return window_of(scene,
                     {start(sample.x, scene.size.width), start(sample.y, scene.size.height), side, side});
}

}  // namespace

std::optional<GptTraining> gpt_training(const Training& training, const ModelCard& card) {
    if (card.architecture != "spectral_gpt") return std::nullopt;
    GptTraining out;
    out.task = nlohmann::json::parse(card.parameters).at("task").get<std::string>();
    out.recipe = read_gpt_recipe(training.recipe, {out.task}, training.file);
    const auto traits = traits_of(card);
    out.windows = {traits.halo, traits.blend};
    return out;
}

void fit_crops(Trained& trained, const TrialContext& context, const Dataset& data, FitOptions options) {
    const WithoutOneDnn without;
    auto& network = gpt_of(*trained.network);
    const auto& gpt = *context.gpt;
    const CropGround ground(data, trained.trial.split, network.window());
    trained.crops = ground.supply();
    options.rate_scales = rate_scales(network.tensors(), network.config().depth, gpt.recipe.layer_decay);
    CropLessons lessons(network, {.data = data,
                                  .ground = ground,
                                  .recipe = gpt.recipe,
                                  .windows = gpt.windows,
                                  .seed = options.seed,
                                  .parallel = options.parallel});
    trained.state = fit(network, lessons, gpt.recipe.common, options);
}

void write_window(const std::string& path, networks::Network& network, const Cube& cube) {
    Prediction prediction;
    networks::make_tile_model({std::shared_ptr<void>(), &gpt_of(network)})
        ->start()
        ->predict({&cube, 1}, {&prediction, 1}, serially);
    write_selftest(path, {cube.values, {cube.bands, cube.rows(), cube.cols()}},
                   {prediction.values, {prediction.channels, cube.rows(), cube.cols()}},
                   kProbabilityTolerance);
}

void write_scene_model(const std::string& output, const ModelCard& card, networks::Network& network,
                       const Dataset& data, const std::map<std::string, std::string>& files) {
    write_model_folder(output, card,
                       FinishedNetwork{network,
                                       [&](const std::string& path) {
                                           write_window(path, network, test_window(data, network.window()));
                                       },
                                       files});
}

}  // namespace spectile::training
