#include "training/target_checkpoint.hpp"

#include <fmt/format.h>

#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "spectile/error.hpp"
#include "training/checkpoint_tensors.hpp"
#include "weights/safetensors.hpp"

namespace spectile::training {
namespace {

using Json = nlohmann::ordered_json;
using networks::NamedTensor;

std::string text_of(const TargetState& state, std::int64_t steps) {
    Json history = Json::array();
    for (const auto& e : state.history) history.push_back({e.epoch, e.loss, e.iou, e.niou, e.pd, e.fa});
    Json json = {{"epoch", state.epoch},           {"steps", steps},
                 {"best_epoch", state.best_epoch}, {"best_score", state.best_score},
                 {"finished", state.finished},     {"history", std::move(history)}};
    add_scale(state.scale, json);
    return json.dump();
}

}  // namespace

void write_target_checkpoint(const FitOptions& options, const std::vector<NamedTensor>& tensors,
                             TargetOptimiser& optimiser, const TargetState& state) {
    CheckpointContent file;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const auto& name = tensors[i].name;
        file.add("weights." + name, tensors[i].tensor);
        if (!state.best.empty()) file.add("best." + name, state.best[i]);
        if (!state.average.empty()) file.add("average." + name, state.average[i]);
    }
    for (const auto& [prefix, arrays] : optimiser.arrays())
        for (std::size_t i = 0; i < arrays->size(); ++i)
            file.add(prefix + optimiser.parameters()[i].name, (*arrays)[i]);
    weights::write_safetensors(
        options.checkpoint, file.views(),
        {{"recipe", options.fingerprint}, {"state", text_of(state, optimiser.steps())}});
}

std::optional<TargetState> read_target_checkpoint(const FitOptions& options,
                                                  const std::vector<NamedTensor>& tensors,
                                                  TargetOptimiser& optimiser) {
    if (!std::filesystem::exists(options.checkpoint)) return std::nullopt;
    const auto file = weights::SafeTensors::open(options.checkpoint);
    const auto stored = file.metadata().find("recipe");
    if (stored == file.metadata().end() || stored->second != options.fingerprint)
        throw Error(Code::definition,
                    fmt::format("{}: belongs to another definition, set of images or program version; give "
                                "--restart to train anew or --work with another folder",
                                options.checkpoint));
    try {
        const auto json = Json::parse(file.metadata().at("state"));
        TargetState state;
        state.epoch = json.at("epoch");
        state.best_epoch = json.at("best_epoch");
        state.best_score = json.at("best_score");
        state.finished = json.at("finished");
        state.scale = scale_of(json);
        for (const auto& e : json.at("history"))
            state.history.push_back({e.at(0), e.at(1), e.at(2), e.at(3), e.at(4), e.at(5)});
        optimiser.steps() = json.at("steps");
        for (const auto& t : tensors) load(file, "weights." + t.name, t.tensor);
        for (const auto& [prefix, arrays] : optimiser.arrays())
            for (std::size_t i = 0; i < arrays->size(); ++i)
                load(file, prefix + optimiser.parameters()[i].name, (*arrays)[i]);
        state.best = load_all(file, "best.", tensors);
        state.average = load_all(file, "average.", tensors);
        return state;
    } catch (const nlohmann::json::exception& e) {
        throw Error(
            Code::model,
            fmt::format("{}: the checkpoint is damaged; remove it or give --restart", options.checkpoint),
            e.what());
    }
}

}  // namespace spectile::training
