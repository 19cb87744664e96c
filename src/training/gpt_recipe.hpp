#pragma once

#include <string>

#include "training/recipe.hpp"

namespace spectile::training {

/// How a SpectralGPT network is fine-tuned: the common recipe and what this network has of its own. The
/// defaults are those of models/spectralgpt.md 6 for the task.
///
/// Keys of another task are refused: `crops` and `dropout` belong to segmentation and change, `mixup`,
/// `cutmix`, `mix_switch`, `label_smoothing`, `crop_scale` and `centre_share` to classification of patches,
/// the first four of them to classes that exclude each other.
struct GptRecipe {
    Recipe common;
    double layer_decay = 1;  ///< Factor of the learning rate from a block to the one before it.
    double drop_path = 0;    ///< Share of the last block's branches left out; rises linearly over the blocks.
    double dropout = 0;      ///< Share of the values left out in the dense head.
    int crops = 0;           ///< Of all scenes in an epoch; 0 = as many as cover the training ground once.
    int validate_every = 1;  ///< Epochs.
    double mixup = 0;        ///< Alpha of the Beta distribution; 0 = none.
    double cutmix = 0;       ///< The same for pasted boxes.
    double mix_switch = 0.5;  ///< How often CutMix is taken where both are on.
    double crop_scale = 0.2;  ///< Smallest share of a patch's area that a random crop shows.
    double centre_share = 1;  ///< Share of a patch's side that is shown when it is judged.
};

/// What a recipe is for.
struct GptTask {
    std::string name;          ///< segmentation, change, or classification.
    bool multi_label = false;  ///< Classes of a classification do not exclude each other.
};

/// Reads the JSON object for a task. Throws Error{Code::definition} naming `file` and the key.
GptRecipe read_gpt_recipe(const std::string& json, const GptTask& task, const std::string& file);

/// Every key of the task with its value in use, as JSON, for the model card.
std::string to_json(const GptRecipe& recipe, const GptTask& task);

}  // namespace spectile::training
