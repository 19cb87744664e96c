#pragma once

#include <memory>
#include <vector>

#include "spectile/step.hpp"

namespace spectile::prepare {

/// Every registered step, in the order of the documentation.
const std::vector<StepEntry>& step_entries();

/// Throws Error{Code::definition} naming file and line for unknown steps (with the nearest known name) and
/// parameters.
std::unique_ptr<Step> make_step(const StepDefinition& definition);

}  // namespace spectile::prepare
