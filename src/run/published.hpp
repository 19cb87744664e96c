#pragma once

#include "run/job.hpp"
#include "run/recipe.hpp"

namespace spectile::run {

/// Whether every product is there with this recipe. Throws Error{Code::publish} where one is there with
/// another recipe, or is not ours, unless `options.overwrite`.
bool already_published(const Job& job, const Recipe& recipe, const RunOptions& options);

/// Writes the STAC item beside published products anew where it would say something else now: its time and
/// the model's item are no part of the recipe. A warning in `report` names it.
void renew_item(const Job& job, const Recipe& recipe, RunReport& report);

}  // namespace spectile::run
