#pragma once

#include <string>

#include "spectile/training.hpp"

// Training: a definition becomes a model folder. Scenes are prepared whole and held in memory, a network is
// fitted to patches around the labelled pixels (fit.hpp), and the best weights are written with a card, a
// self-test and their accuracy (model_folder.hpp). Everything is a function of the definition, the data and
// the seed: not of threads, time or interruptions.

namespace spectile::training {

/// Trains once for each seed, keeps the network that is best on the validation pixels (the first where there
/// are none) and writes the model folder. Returns the card's accuracy as JSON: `validation`, `test` (where
/// the split has them) as `spectile evaluate --json` prints them, and `seeds`, the figures of every seed.
///
/// A checkpoint per seed lies in `options.work`; the same command goes on from it.
/// Throws Error{Code::definition}, Error{Code::scene}, Error{Code::missing}, Error{Code::model} (parameters
/// of the architecture), Error{Code::memory}, Error{Code::device}; Error{Code::publish} where there is a
/// model already and `options.overwrite` is off; Error{Code::interrupted} where `options.stop` says so.
std::string train(const Training& training, const TrainingOptions& options);

}  // namespace spectile::training
