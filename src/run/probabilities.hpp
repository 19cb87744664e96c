#pragma once

#include "spectile/cube.hpp"
#include "spectile/model.hpp"

namespace spectile::run {

/// Turns what a model gave, blended or not, into what products take: the sigmoid of logits; anything else
/// stays.
void to_probabilities(const ModelTraits& traits, Prediction& prediction);

}  // namespace spectile::run
