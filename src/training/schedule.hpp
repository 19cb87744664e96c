#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "training/recipe.hpp"

namespace spectile::training {

/// The learning rate of `step` (from 0) of `steps`: a linear warm-up, then down to the final rate, which the
/// last step has, along half a cosine, a line or a power of 0.9 of it; `constant` stays at the highest, and
/// `exponential` falls by one factor from epoch to epoch, whatever the final rate.
///
/// Source   cosine: Loshchilov and Hutter, "SGDR", 2017, equation 5, without restarts.
inline double learning_rate(const Recipe& recipe, std::int64_t step, std::int64_t steps,
                            std::int64_t warmup_steps) {
    if (step < warmup_steps)
        return recipe.learning_rate * static_cast<double>(step + 1) / static_cast<double>(warmup_steps);
    if (recipe.schedule == "constant") return recipe.learning_rate;
    if (recipe.schedule == "exponential") {
        const auto per_epoch = std::max<std::int64_t>(1, steps / std::max(1, recipe.epochs));
        return recipe.learning_rate *
               std::pow(recipe.epoch_decay, static_cast<double>((step - warmup_steps) / per_epoch));
    }
    const auto span = static_cast<double>(std::max<std::int64_t>(1, steps - 1 - warmup_steps));
    const double progress = std::min(1.0, static_cast<double>(step - warmup_steps) / span);
    const double share = recipe.schedule == "linear" ? 1 - progress
                         : recipe.schedule == "polynomial"
                             ? std::pow(1 - progress, 0.9)
                             : 0.5 * (1 + std::cos(std::numbers::pi * progress));
    return recipe.final_learning_rate + (recipe.learning_rate - recipe.final_learning_rate) * share;
}

}  // namespace spectile::training
