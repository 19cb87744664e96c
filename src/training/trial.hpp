#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "evaluate/accuracy.hpp"
#include "evaluate/multi_label.hpp"
#include "models/networks/network.hpp"
#include "spectile/training.hpp"
#include "training/checkpoint.hpp"
#include "training/crop_ground.hpp"
#include "training/recipe.hpp"
#include "training/start_weights.hpp"
#include "training/training_scenes.hpp"
#include "training/whitening.hpp"

namespace spectile::training {

struct GptTraining;

/// One network to train: a fold and a seed.
struct Trial {
    int fold = -1;  ///< -1 where the training has no folds.
    std::uint64_t seed = 1;
    SplitDefinition split;
};

/// A trial's network with its figures.
struct Trained {
    Trial trial;
    std::unique_ptr<networks::Network> network;
    TrainingState state;
    std::optional<Whitening> whitening;  ///< Fitted to its training pixels, where the definition says so.
    StartReport start;                   ///< Empty where it began with random weights.
    /// Where there are such pixels, and they are judged.
    std::optional<evaluate::Confusion> validation, test;
    /// The same of labels that do not exclude each other, in place of these.
    std::optional<evaluate::MultiLabelAccuracy> validation_labels, test_labels;
    bool patches = false;             ///< What is judged are whole images, not pixels.
    std::vector<JudgedPixel> judged;  ///< Test pixels, else validation pixels.
    std::optional<CropSupply> crops;  ///< Of a network that learns from crops.
    /// On validation: the mean of overall and average accuracy, of a network that learns from crops
    /// score_of (scene_judge.hpp), of one that labels images in several ways their micro average precision;
    /// -1 without any.
    double score = -1;
};

/// Everything that the trials of a training share.
struct TrialContext {
    const Training& training;
    const TrainingOptions& options;
    const TrainingScenes& scenes;
    const Recipe& recipe;
    Dataset& data;  ///< Each trial gives its samples their roles.
    std::vector<std::string>& warnings;
    const GptTraining* gpt = nullptr;  ///< Of SpectralGPT, whose recipe stands there.
    at::Device device = at::kCPU;      ///< Where networks learn and are judged.
};

/// The trials of a definition: every fold (those that the options name) with every seed, fold by fold.
/// Throws Error{Code::definition} as folds_of does, Error{Code::usage} for a fold that there is not.
std::vector<Trial> trials_of(const TrialContext& context);

/// The recipe in use, every key, for the card and for fingerprints.
nlohmann::ordered_json recipe_of(const TrialContext& context);

/// The options' progress with the trial's name on it. Both must outlive it.
std::function<void(const TrainingProgress&)> progress_of(const TrainingOptions& options, const Trial& trial);

/// Trains or resumes one trial from its checkpoint, and judges it. The network comes back to the CPU.
Trained run_trial(const TrialContext& context, const Trial& trial);

}  // namespace spectile::training
