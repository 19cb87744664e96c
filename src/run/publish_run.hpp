#pragma once

#include "core/ledger.hpp"
#include "run/audit.hpp"
#include "run/inputs.hpp"
#include "run/job.hpp"
#include "run/recipe.hpp"

namespace spectile::run {

/// One scene's run with all parts in its ledger.
struct Computed {
    const Job& job;
    const Recipe& recipe;
    const InputHash& inputs;
    const AuditResult& audit;
    const Ledger& ledger;
    std::string work;
};

/// Assembles the parts into products, checks every block, writes record, provenance and report, and makes all
/// of it visible by a journalled list of renames.
void publish_run(const Computed& computed, const RunOptions& options, RunReport& report);

}  // namespace spectile::run
