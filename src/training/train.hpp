#pragma once

#include <ATen/core/Tensor.h>

#include "spectile/training.hpp"

// Training: a definition becomes a model folder. Scenes are prepared whole and held in memory, a network is
// fitted to patches around the labelled pixels (fit.hpp), and the best weights are written with a card, a
// self-test and their accuracy (model_folder.hpp). Everything is a function of the definition, the data and
// the seed: not of threads, time or interruptions. What runs on a device is said in training_device.hpp.

namespace spectile::training {

/// Trains once for each seed, keeps the network that is best on the validation pixels (the first where there
/// are none) and writes the model folder. The accuracy has `validation`, `test` (where the split has them) as
/// `spectile evaluate --json` prints them, `seeds`, the figures of every seed, and with several seeds
/// `spread`, their mean and scatter (pooling.hpp).
///
/// A definition with folds is a cross-validation: every fold is trained with every seed, no model is written,
/// and the accuracy has `folds`, `seeds`, `validation` and `test` as pooling.hpp says.
///
/// A checkpoint per network lies in `options.work`; the same command goes on from it, and a network that was
/// finished is not trained again.
/// Throws Error{Code::definition}, Error{Code::scene}, Error{Code::missing}, Error{Code::model} (parameters
/// of the architecture), Error{Code::memory}, Error{Code::device}; Error{Code::publish} where there is a
/// model already and `options.overwrite` is off; Error{Code::interrupted} where `options.stop` says so.
TrainingResult train(const Training& training, const TrainingOptions& options);

/// The same on a device of LibTorch that `options` need not name.
TrainingResult train(const Training& training, const TrainingOptions& options, at::Device device);

}  // namespace spectile::training
