#pragma once

#include <string>
#include <vector>

#include "spectile/model.hpp"
#include "spectile/step.hpp"

namespace spectile::training {

/// Whether `from: scene` of a step becomes numbers in the card: of standardise and min_max. Others, as
/// percentile, are defined by each scene's own statistics and stay so.
bool can_freeze(const std::string& step);

/// Writes numbers in place of `from: scene` into the card's first step of that name that has it. Throws
/// Error{Code::internal} where there is none.
void freeze_step(ModelCard& card, const std::string& step, const std::vector<BandStatistics>& bands);

}  // namespace spectile::training
