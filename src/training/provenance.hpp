#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "training/trial.hpp"

namespace spectile::training {

/// `training:` of the card: scenes, split, pixels of each role, recipe, seed and epoch, what it started from;
/// enough to know what the figures mean and to do it again. File names without their folders.
std::string provenance_of(const TrialContext& context, const Trained& best);

/// What a network took over from another model, by name.
nlohmann::ordered_json start_json(const ModelCard& start, const StartReport& report);

}  // namespace spectile::training
