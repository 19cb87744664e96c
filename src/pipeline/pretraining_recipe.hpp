#pragma once

#include <nlohmann/json.hpp>

#include "spectile/pretraining.hpp"

namespace spectile::definition {

/// All of a pretraining's definition that decides the weights but its index, for cards, fingerprints and the
/// canonical form.
nlohmann::ordered_json pretraining_recipe(const PretrainingDefinition& pretraining);

}  // namespace spectile::definition
