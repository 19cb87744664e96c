#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "prepare/chain.hpp"
#include "spectile/model.hpp"
#include "spectile/training.hpp"
#include "training/dataset.hpp"

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

/// The card of the model to be, but for the task: from the definition, the model to fine-tune (if any) and
/// the bands of a scene. Throws Error{Code::definition}, Error{Code::scene} where every band is bad.
ModelCard card_for(const Training& training, const std::optional<ModelCard>& start, const SceneInfo& scene);

/// Opens the scenes and works out the card: the first scene's usable bands, and the preparation with
/// whole-scene statistics (of all scenes together) turned into numbers. Steps that are defined by each
/// scene's own statistics (percentile) stay so. A model to fine-tune gives its bands, quantity and
/// preparation, since its weights mean nothing without them. Throws Error{Code::definition} for what cannot
/// be trained on, and as open_scene, make_chain and read_model_card do.
TrainingScenes open_training_scenes(const Training& training);

/// Reads, prepares and extends every scene, and gathers the labelled pixels. They train, but for those of the
/// labels' own files for validation and test; `assign_roles` says the rest.
///
/// A step `from: tile` and those behind it are left to each window (PreparedScene::finish), for networks that
/// read windows; `scenes` must then outlive the dataset.
///
/// Memory   the whole of every scene; Error{Code::memory} beyond kMostBytes.
/// Throws   Error{Code::scene} for labels that are no class of the definition.
Dataset load_dataset(const Training& training, const TrainingScenes& scenes, int window,
                     std::vector<std::string>& warnings);

inline constexpr std::uint64_t kMostBytes = 8ULL << 30;

}  // namespace spectile::training
