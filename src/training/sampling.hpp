#pragma once

#include <cstdint>
#include <vector>

#include "training/recipe.hpp"

namespace spectile::training {

/// The samples of one epoch in the order in which they are shown; `members` holds the training samples of
/// each class. As many as there are training samples, whatever the sampling.
///
/// plain      every sample once, shuffled.
/// balanced   every class equally often.
/// root       every class in proportion to the square root of its samples.
/// Of a class that is shown more often than it has samples, each is shown equally often but for one; of one
/// that is shown less often, every epoch draws anew.
///
/// A function of recipe, seed and epoch alone.
std::vector<std::size_t> epoch_order(const Recipe& recipe,
                                     const std::vector<std::vector<std::size_t>>& members, std::uint64_t seed,
                                     int epoch);

}  // namespace spectile::training
