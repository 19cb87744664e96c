#include "training/pretrain_state.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "training/checkpoint_tensors.hpp"
#include "weights/safetensors.hpp"

namespace spectile::training {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const PretrainState& state) {
    Json history = Json::array();
    for (const auto& e : state.history)
        history.push_back(
            {e.stage, e.epoch, e.token, e.spectral, e.held_token, e.held_spectral, e.learning_rate, e.crops});
    Json json = {{"stage", state.stage},
                 {"epoch", state.epoch},
                 {"step", state.step},
                 {"sums", {state.sums.token, state.sums.spectral, state.sums.crops}},
                 {"left_out", state.left_out.places},
                 {"empty_crops", state.left_out.empty_crops},
                 {"history", std::move(history)}};
    add_scale(state.scale, json);
    return json;
}

PretrainState pretrain_state_of(const Json& json) {
    PretrainState state;
    state.stage = json.at("stage");
    state.epoch = json.at("epoch");
    state.step = json.at("step");
    state.scale = scale_of(json);
    const auto& sums = json.at("sums");
    state.sums = {sums.at(0), sums.at(1), sums.at(2)};
    state.left_out.places = json.at("left_out").get<std::set<std::uint64_t>>();
    state.left_out.empty_crops = json.at("empty_crops");
    for (const auto& e : json.at("history"))
        state.history.push_back({e.at(0), e.at(1), e.at(2), e.at(3), e.at(4), e.at(5), e.at(6), e.at(7)});
    return state;
}

}  // namespace

void write_pretrain_checkpoint(const std::string& path, const std::string& fingerprint,
                               const std::vector<networks::NamedTensor>& tensors, const AdamW& optimiser,
                               const PretrainState& state) {
    CheckpointContent file;
    for (const auto& t : tensors) file.add("weights." + t.name, t.tensor);
    add_moments(optimiser, file);
    weights::write_safetensors(path, file.views(),
                               {{"recipe", fingerprint},
                                {"state", json_of(state).dump()},
                                {"steps", std::to_string(optimiser.steps)}});
}

std::optional<PretrainState> read_pretrain_state(const std::string& path, const std::string& fingerprint) {
    if (!std::filesystem::exists(path)) return std::nullopt;
    const auto file = weights::SafeTensors::open(path);
    check_recipe(file, fingerprint, "index");
    try {
        return pretrain_state_of(Json::parse(file.metadata().at("state")));
    } catch (const std::exception& e) {
        fail_damaged(path, e.what());
    }
}

void read_pretrain_tensors(const std::string& path, const std::vector<networks::NamedTensor>& tensors,
                           AdamW& optimiser) {
    const auto file = weights::SafeTensors::open(path);
    try {
        optimiser.steps = std::stoll(file.metadata().at("steps"));
    } catch (const std::exception& e) {
        fail_damaged(path, e.what());
    }
    for (const auto& t : tensors) load(file, "weights." + t.name, t.tensor);
    load_moments(file, optimiser);
}

}  // namespace spectile::training
