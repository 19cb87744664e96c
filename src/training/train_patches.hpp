#pragma once

#include <ATen/core/Tensor.h>

#include "spectile/training.hpp"

namespace spectile::training {

/// Trains a classifier of whole images from a labelled index (`patches` of the definition) once for each
/// seed, keeps the one that is best on validation (the first where there is none) and writes the model
/// folder, which a run labels tiles with. Accuracy, record and errors as `train`; figures count patches, and
/// those of labels that do not exclude each other are evaluate::MultiLabelAccuracy.
///
/// The images are read again in every epoch, but for those that fit into PatchSource::kHeldBytes; one that
/// cannot be read ends the training and names its line. Their contents are not hashed: a checkpoint notices
/// another index, not other pixels behind the same names.
TrainingResult train_patches(const Training& training, const TrainingOptions& options, at::Device device);

}  // namespace spectile::training
