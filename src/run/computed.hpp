#pragma once

#include <string>

#include "core/ledger.hpp"
#include "run/audit.hpp"
#include "run/inputs.hpp"
#include "run/job.hpp"
#include "run/recipe.hpp"

namespace spectile::run {

/// One scene's run with all parts in its ledger. What it refers to outlives it.
struct Computed {
    const Job& job;
    const Recipe& recipe;
    const InputHash& inputs;
    const AuditResult& audit;
    const Ledger& ledger;
    std::string work;
};

}  // namespace spectile::run
