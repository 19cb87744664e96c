#pragma once

#include <memory>
#include <optional>

#include "models/networks/spectral_gpt/network.hpp"
#include "spectile/model.hpp"
#include "spectile/training.hpp"
#include "training/scene_index.hpp"

namespace spectile::training {

/// What a pretraining begins with.
struct PretrainStart {
    ModelCard card;                     ///< Of the model to be, without weights and training.
    entries::SpectralGptConfig config;  ///< With the side of the first stage.
    std::optional<ModelCard> start;     ///< Of the pretrained model whose weights are trained on.
};

/// Bands of the first entry that can be opened (or of `start`) and the definition's preparation and
/// parameters. Throws Error{Code::definition}, Error{Code::model} for parameters, and where no entry can be
/// opened what the first one threw.
PretrainStart pretraining_start(const Training& training, const SceneIndex& index);

/// The network that the first stage begins with. Throws Error{Code::model}, Error{Code::verification}.
std::unique_ptr<networks::SpectralGpt> first_network(const PretrainStart& start,
                                                     const PretrainingDefinition& definition,
                                                     std::uint64_t seed);

}  // namespace spectile::training
