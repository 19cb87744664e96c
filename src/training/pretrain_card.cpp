#include "training/pretrain_card.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "models/networks/spectral_gpt/weight_rules.hpp"
#include "models/networks/weight_files.hpp"
#include "pipeline/model_card.hpp"
#include "prepare/chain.hpp"
#include "raster/open_scene.hpp"
#include "spectile/error.hpp"
#include "training/training_card.hpp"

namespace spectile::training {
namespace {

using Parameters = nlohmann::json;

constexpr std::uint64_t kMostTried = 1000;

/// The first image that opens.
SceneInfo first_image(const SceneIndex& index) {
    std::optional<Error> problem;
    const auto most = std::min(index.size(Role::training), kMostTried);
    for (std::uint64_t n = 0; n < most; ++n) {
        try {
            return open_scene(index.entry(Role::training, n).scene)->info();
        } catch (const Error& e) {
            if (!problem)
                problem.emplace(e.code(),
                                fmt::format("{}: {}", index.where(index.place(Role::training, n)), e.what()),
                                e.detail());
        }
    }
    throw Error(*problem);
}

void take_start(const Training& training, PretrainStart& out) {
    out.start = read_model_card(training.start);
    if (out.start->architecture != "spectral_gpt")
        throw Error(Code::definition, fmt::format("{}: start: is {}, and a pretraining is of spectral_gpt",
                                                  training.file, out.start->architecture));
    if (!training.prepare.empty())
        throw Error(Code::definition,
                    fmt::format("{}: prepare: comes from start; leave the key out", training.file));
    out.card.bands = out.start->bands;
    out.card.matching = out.start->matching;
    out.card.prepare = out.start->prepare;
    if (out.card.quantity.empty()) out.card.quantity = out.start->quantity;
}

/// The parameters given, over those of `start`; task, side and bands are not the user's to say.
Parameters parameters_of(const Training& training, const PretrainStart& out) {
    const Parameters given = Parameters::parse(training.parameters);
    for (const char* key : {"side", "bands", "classes"})
        if (given.contains(key))
            throw Error(Code::definition,
                        fmt::format("{}: parameters.{}: comes from pretraining.stages and the scenes; leave "
                                    "the key out",
                                    training.file, key));
    Parameters parameters = out.start ? Parameters::parse(out.start->parameters) : Parameters::object();
    parameters.merge_patch(given);
    for (const char* key : {"classes", "multi_label", "legacy_pool", "pos_embed"}) parameters.erase(key);
    parameters["task"] = "pretraining";
    parameters["side"] = training.pretraining->stages.front().side;
    return parameters;
}

}  // namespace

PretrainStart pretraining_start(const Training& training, const SceneIndex& index) {
    if (training.start.empty() && training.architecture != "spectral_gpt")
        throw Error(Code::definition, fmt::format("{}: pretraining: is of architecture spectral_gpt, not {}",
                                                  training.file, training.architecture));
    PretrainStart out;
    out.card.file = training.file;
    out.card.name = training.name;
    out.card.summary = training.summary;
    out.card.licence = training.licence;
    out.card.quantity = training.quantity;
    out.card.architecture = "spectral_gpt";
    out.card.prepare = training.prepare;
    out.card.task = Task::bands;  // It gives values of bands, and no map.
    const SceneInfo image = first_image(index);
    if (training.start.empty())
        take_bands(training, image, out.card);
    else
        take_start(training, out);
    Parameters parameters = parameters_of(training, out);
    parameters["bands"] = prepare::make_chain(image, {}, out.card).bands().size();
    for (const auto& stage : training.pretraining->stages) {  // Each has to be possible.
        auto other = parameters;
        other["side"] = stage.side;
        entries::parse_spectral_gpt(other.dump(), training.file);
    }
    out.config = entries::parse_spectral_gpt(parameters.dump(), training.file);
    out.config.pos_embed = "separable";
    out.config.classes = 0;
    if (networks::visible_tokens(out.config.tokens(), out.config.mask_ratio) < 1)
        throw Error(Code::definition,
                    fmt::format("{}: parameters.mask_ratio: leaves none of {} tokens visible", training.file,
                                out.config.tokens()));
    return out;
}

std::unique_ptr<networks::SpectralGpt> first_network(const PretrainStart& start,
                                                     const PretrainingDefinition& definition,
                                                     std::uint64_t seed) {
    auto network = std::make_unique<networks::SpectralGpt>(start.config, seed);
    if (!start.start) return network;
    const auto file =
        weights::SafeTensors::parse(networks::read_verified(*start.start), start.start->weights);
    const bool bicubic = definition.stages.front().positions == "bicubic";
    networks::begin_from_pretraining(
        file, *network, bicubic ? networks::PositionChange::bicubic : networks::PositionChange::reinit);
    return network;
}

}  // namespace spectile::training
