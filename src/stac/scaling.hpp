#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "spectile/step.hpp"

// A card's preparation and the MLM extension's value_scaling, which is one of: z-score (x - mean) / stddev,
// min-max to 0..1, clip, offset x - value, scale x / value; one entry for all bands or one for each.

namespace spectile::stac {

/// The list, where the preparation is one step that it can say; nothing otherwise.
std::optional<nlohmann::ordered_json> value_scaling_of(const std::vector<StepDefinition>& prepare);

/// The `prepare` list of a card (empty for null). `place` begins messages.
/// Throws Error{Code::model} for entries of several kinds, of a kind that no step does, or neither one nor
/// `bands`.
nlohmann::ordered_json steps_of_scaling(const nlohmann::json& scaling, std::size_t bands,
                                        const std::string& place);

}  // namespace spectile::stac
