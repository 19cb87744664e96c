#pragma once

#include <string>

#include "training/recipe.hpp"

namespace spectile::training {

/// How a detector of targets is trained: the common recipe and what detectors have of their own.
///
/// Of the common augmentation flips, turns, brightness, noise and offset are used; the other keys of
/// classifiers (class_weights, label_smoothing, spectral_dropout, mixing) are refused.
struct TargetRecipe {
    Recipe common;
    std::string loss = "dice";          ///< dice, soft_iou or dice_cross_entropy.
    std::string optimiser = "adagrad";  ///< adagrad or adamw.
    double target_share = 0.5;          ///< Of the crops that hold a target for certain.
    double scale = 1;                   ///< Crops are magnified by 1 / scale to scale; 1 = never.
    double repeats = 0;                 ///< Of the crops in which a target is set in again.
    int crops = 1;                      ///< Of each image in an epoch.
    int validate_every = 1;             ///< Epochs.
    double prior = 0;                   ///< Score of every pixel at first, by the last bias; 0 = as it is.
};

/// Reads the JSON object. Throws Error{Code::definition} naming `file` and the key.
TargetRecipe read_target_recipe(const std::string& json, const std::string& file);

/// Every key with its value in use, as JSON, for the model card.
std::string to_json(const TargetRecipe& recipe);

}  // namespace spectile::training
