#pragma once

#include <string>
#include <vector>

#include "products/assemble.hpp"
#include "run/audit.hpp"
#include "run/job.hpp"
#include "run/recipe.hpp"

namespace spectile::run {

/// The HTML report of a run, made from the assembled rasters before they are published.
std::string report_html(const Job& job, const Recipe& recipe, const AuditResult& audit,
                        const std::vector<products::AssembleResult>& rasters, const RunReport& report);

}  // namespace spectile::run
