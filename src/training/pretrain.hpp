#pragma once

#include <ATen/core/Tensor.h>

#include "spectile/training.hpp"

namespace spectile::training {

/// Pretrains on an index of scenes (`pretraining` of the definition) and writes the model folder: the weights
/// of encoder and decoder under their published names, and a card whose `parameters.task` is pretraining. It
/// predicts nothing by itself; a fine-tuning begins from it.
///
/// The result's accuracy and record hold the losses of every epoch. Throws as `train`.
TrainingResult pretrain(const Training& training, const TrainingOptions& options, at::Device device);

}  // namespace spectile::training
