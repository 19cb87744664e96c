#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "models/networks/network.hpp"
#include "spectile/training.hpp"
#include "training/checkpoint.hpp"
#include "training/dataset.hpp"
#include "training/lessons.hpp"
#include "training/recipe.hpp"

namespace spectile::training {

/// How one training goes on, beyond its recipe.
struct FitOptions {
    std::uint64_t seed = 1;
    std::string checkpoint;   ///< File written after every epoch and resumed from; empty = none.
    std::string fingerprint;  ///< Of everything that decides the result; a checkpoint of another is refused.
    std::function<bool()> stop;
    std::function<void(const TrainingProgress&)> progress;
    ParallelFor parallel;
    std::vector<double> rate_scales = {};  ///< Of the learning rate, for each trainable tensor; empty = 1.
};

/// Fits a network to the training samples and leaves in it the weights to keep: those of the epoch with the
/// highest mean of overall and average accuracy on the validation samples (the first of equals), or the last
/// where there is no validation or the recipe says so.
///
/// The result depends on dataset, recipe and seed alone: not on threads, nor on being cut off and resumed.
/// Throws Error{Code::interrupted} if `stop` says so (the last finished epoch is in the checkpoint),
/// Error{Code::scene} if the loss is not finite.
TrainingState fit(networks::Network& network, const Dataset& dataset, const Recipe& recipe,
                  const FitOptions& options);

/// The same loop over lessons of another kind, whose best epoch is the one with the highest score. They must
/// have been made for this network.
TrainingState fit(networks::Network& network, Lessons& lessons, const Recipe& recipe,
                  const FitOptions& options);

}  // namespace spectile::training
