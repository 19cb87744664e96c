#pragma once

#include <optional>
#include <string>

#include "training/crop_lessons.hpp"
#include "training/fit.hpp"
#include "training/gpt_recipe.hpp"
#include "training/trial.hpp"

// Training SpectralGPT to label the pixels of scenes: what differs from a network that is shown patches.

namespace spectile::training {

/// What its trials share.
struct GptTraining {
    std::string task;  ///< segmentation or change.
    GptRecipe recipe;
    Windows windows;
};

/// Of a training whose card is for SpectralGPT; nothing for other architectures. Throws
/// Error{Code::definition} as read_gpt_recipe does.
std::optional<GptTraining> gpt_training(const Training& training, const ModelCard& card);

/// Fits a trial's network to crops of its training ground; `trained` gets state and supply.
void fit_crops(Trained& trained, const TrialContext& context, const Dataset& data, FitOptions options);

/// The self-test of a window of the network's size, prepared.
void write_window(const std::string& path, networks::Network& network, const Cube& cube);

/// The model folder, whose self-test is one window of the training ground.
void write_scene_model(const std::string& output, const ModelCard& card, networks::Network& network,
                       const Dataset& data, const std::map<std::string, std::string>& files);

}  // namespace spectile::training
