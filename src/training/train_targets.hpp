#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "spectile/training.hpp"

namespace spectile::training {

/// Trains a detector from folders of images and masks (`targets` of the definition) once for each seed,
/// keeps the one that is best on validation (the first where there is none) and writes the model folder.
/// Returns the card's accuracy as JSON: `validation` and `test` as `spectile evaluate --json` prints them.
/// Throws as `train`.
std::string train_targets(const Training& training, const TrainingOptions& options, at::Device device);

}  // namespace spectile::training
