#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "run/inputs.hpp"
#include "run/job.hpp"
#include "run/recipe.hpp"

namespace spectile::run {

/// Who, where and how long: the part of the provenance that differs from run to run, as JSON text.
std::string execution_text(const Job& job, const InputHash& inputs, const RunReport& report);

/// The same of a mosaic over several scenes, and what made it.
std::string mosaic_execution();
std::string mosaic_provenance(const std::string& kind, const nlohmann::json& recipe);

/// What made the product: equal for equal products, as JSON text.
std::string provenance_of(const Job& job, const Recipe& recipe, const std::string& kind);

}  // namespace spectile::run
