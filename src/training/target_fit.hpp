#pragma once

#include <string>

#include "evaluate/detection.hpp"
#include "training/fit.hpp"
#include "training/target_images.hpp"
#include "training/target_recipe.hpp"

namespace spectile::training {

/// One epoch of a detector's training.
struct TargetEpoch {
    int epoch = 0;
    double loss = 0;
    double iou = -1, niou = -1, pd = -1, fa = -1;  ///< On validation; -1 where it was not judged.
};

struct TargetState {
    Weights best;     ///< Of the best epoch so far.
    Weights average;  ///< Running average of the weights; empty where it is off.
    int epoch = 0, best_epoch = 0;
    double best_score = -1;
    bool finished = false;
    LossScale scale;  ///< Of a training in float16.
    std::vector<TargetEpoch> history;
};

/// Fits a detector to crops of the training images and leaves in it the weights to keep: those of the epoch
/// with the highest mean of IoU and nIoU on validation, or the last.
///
/// The result depends on images, recipe and seed alone: not on threads, nor on being cut off and resumed.
/// Gradients are checked at every step. Throws as `fit`.
TargetState fit_targets(networks::Network& network, const std::vector<TargetImage>& images,
                        const TargetRecipe& recipe, const FitOptions& options);

/// Pixels that neighbouring tiles share when a network of this window is judged.
int overlap_of(int window);

}  // namespace spectile::training
