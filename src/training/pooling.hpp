#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "training/trial.hpp"

namespace spectile::training {

/// Figures of one role over the trials of a training:
///
///     overall_accuracy, average_accuracy, kappa, mean_iou: {mean, scatter, by_seed: [...]}
///     pooled: one matrix of all folds and seeds, as `spectile evaluate --json` prints it
///     folds: [{fold, overall_accuracy: [...] by seed}]   (of a cross-validation)
///
/// The figures of a seed come from one confusion matrix, pooled over its folds, so that folds count by their
/// pixels and a class that one fold lacks does no harm. `scatter` is the standard deviation over seeds (n -
/// 1), null with one seed. Null where no trial has such pixels.
nlohmann::ordered_json pooled(const std::vector<Trained>& trials, Role role);

/// The accuracy of a training that writes a model: `validation` and `test` of the kept network, `seeds`, the
/// chief figures of every seed, and with several seeds `spread` of each role as above, without `pooled`.
nlohmann::ordered_json accuracy_of(const std::vector<Trained>& trials, const Trained& best);

/// A trial for the report: fold, seed, kept epoch, the curve ([epoch, loss, training accuracy, validation
/// overall, validation average]) and its accuracies.
nlohmann::ordered_json record_of(const Trained& trained);

}  // namespace spectile::training
