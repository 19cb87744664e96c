#pragma once

#include <optional>
#include <string>
#include <vector>

#include "training/mixed_precision.hpp"
#include "training/optimiser.hpp"

namespace spectile::training {

/// One epoch as it went; the loss curve.
struct EpochRecord {
    int epoch = 0;  ///< From 1.
    double loss = 0, training_accuracy = 0;
    double validation_overall = 0, validation_average = 0;  ///< 0 where there is no validation.
};

/// Weights by value, in the order of Network::tensors().
using Weights = std::vector<std::vector<float>>;

/// From and to tensors on any device.
Weights copy_weights(const std::vector<networks::NamedTensor>& tensors);
void set_weights(const std::vector<networks::NamedTensor>& tensors, const Weights& weights);

/// All that a training is made of besides its definition: what a checkpoint stores.
///
/// Random numbers need no state: they are a function of seed, epoch and sample (random.hpp).
struct TrainingState {
    Weights average;  ///< Running average of the weights; empty where it is off.
    Weights best;     ///< Weights of the best epoch so far; empty before the first.
    int epoch = 0;    ///< Epochs finished.
    int best_epoch = 0;
    double best_score = -1;
    bool finished = false;  ///< Nothing is left to train.
    LossScale scale;        ///< Of a training in float16.
    std::vector<EpochRecord> history;
};

/// Writes weights, optimiser and state under a temporary name and renames: a reader finds the old checkpoint
/// or the whole new one. `recipe` is the fingerprint of everything that decides the result. Throws
/// Error{Code::write} naming the file.
void write_checkpoint(const std::string& path, const std::string& recipe,
                      const std::vector<networks::NamedTensor>& tensors, const AdamW& optimiser,
                      const TrainingState& state);

/// Restores what `write_checkpoint` stored; nothing where there is no such file.
/// Throws Error{Code::definition} if it belongs to another recipe, Error{Code::model} if it is damaged.
std::optional<TrainingState> read_checkpoint(const std::string& path, const std::string& recipe,
                                             const std::vector<networks::NamedTensor>& tensors,
                                             AdamW& optimiser);

}  // namespace spectile::training
