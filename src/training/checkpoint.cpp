#include "training/checkpoint.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "spectile/error.hpp"
#include "training/checkpoint_tensors.hpp"
#include "weights/safetensors.hpp"

namespace spectile::training {
namespace {

using Json = nlohmann::ordered_json;
using networks::NamedTensor;

Json to_json(const TrainingState& state, std::int64_t steps) {
    Json history = Json::array();
    for (const auto& e : state.history)
        history.push_back({e.epoch, e.loss, e.training_accuracy, e.validation_overall, e.validation_average});
    Json json = {{"epoch", state.epoch},           {"steps", steps},
                 {"best_epoch", state.best_epoch}, {"best_score", state.best_score},
                 {"finished", state.finished},     {"history", std::move(history)}};
    add_scale(state.scale, json);
    return json;
}

TrainingState state_of(const Json& json) {
    TrainingState state;
    state.epoch = json.at("epoch");
    state.best_epoch = json.at("best_epoch");
    state.best_score = json.at("best_score");
    state.finished = json.at("finished");
    state.scale = scale_of(json);
    for (const auto& e : json.at("history"))
        state.history.push_back({e.at(0), e.at(1), e.at(2), e.at(3), e.at(4)});
    return state;
}

}  // namespace

Weights copy_weights(const std::vector<NamedTensor>& tensors) {
    Weights weights;
    for (const auto& t : tensors) {
        const auto there = t.tensor.detach().to(at::kCPU);
        const auto values = values_of(there);
        weights.emplace_back(values.begin(), values.end());
    }
    return weights;
}

void set_weights(const std::vector<NamedTensor>& tensors, const Weights& weights) {
    const at::NoGradGuard no_grad;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const auto& to = tensors[i].tensor;
        const auto there = to.device().is_cpu() ? to : at::empty(to.sizes(), at::kFloat);
        std::copy(weights[i].begin(), weights[i].end(), values_of(there).begin());
        if (!to.device().is_cpu()) to.copy_(there);
    }
}

void write_checkpoint(const std::string& path, const std::string& recipe,
                      const std::vector<NamedTensor>& tensors, const AdamW& optimiser,
                      const TrainingState& state) {
    CheckpointContent file;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const auto& name = tensors[i].name;
        file.add("weights." + name, tensors[i].tensor);
        if (!state.average.empty()) file.add("average." + name, state.average[i]);
        if (!state.best.empty()) file.add("best." + name, state.best[i]);
    }
    add_moments(optimiser, file);
    weights::write_safetensors(path, file.views(),
                               {{"recipe", recipe}, {"state", to_json(state, optimiser.steps).dump()}});
}

std::optional<TrainingState> read_checkpoint(const std::string& path, const std::string& recipe,
                                             const std::vector<NamedTensor>& tensors, AdamW& optimiser) {
    if (!std::filesystem::exists(path)) return std::nullopt;
    const auto file = weights::SafeTensors::open(path);
    check_recipe(file, recipe, "scene");
    try {
        const auto json = Json::parse(file.metadata().at("state"));
        TrainingState state = state_of(json);
        optimiser.steps = json.at("steps");
        for (const auto& t : tensors) load(file, "weights." + t.name, t.tensor);
        load_moments(file, optimiser);
        state.average = load_all(file, "average.", tensors);
        state.best = load_all(file, "best.", tensors);
        return state;
    } catch (const Error&) {
        throw;
    } catch (const std::exception& e) {
        fail_damaged(path, e.what());
    }
}

}  // namespace spectile::training
