#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "prepare/chain.hpp"
#include "spectile/model.hpp"
#include "spectile/scene.hpp"
#include "spectile/training.hpp"

namespace spectile::training {

/// The scenes of a training, opened, with the chain that prepares each of them and the card that the finished
/// model will carry.
struct TrainingScenes {
    std::vector<std::unique_ptr<Scene>> scenes;
    std::vector<prepare::Chain> chains;  ///< Ready: every statistic is set.
    ModelCard card;                      ///< Without weights, training and accuracy.
    std::optional<ModelCard> start;      ///< Of the model to fine-tune.
    /// Shrinkage of a last step `whiten: {from: training}`. It is fitted to each trial's training pixels, so
    /// it is neither in `chains` nor in `card`.
    std::optional<double> whitening;
};

/// Opens the scenes and works out the card: the first scene's usable bands, and the preparation with
/// whole-scene statistics (of all scenes together) turned into numbers. Steps that are defined by each
/// scene's own statistics (percentile) stay so. A model to fine-tune gives its bands, quantity and
/// preparation, since its weights mean nothing without them. Throws Error{Code::definition} for what cannot
/// be trained on, and as open_scene, make_chain and read_model_card do.
TrainingScenes open_training_scenes(const Training& training);

}  // namespace spectile::training
