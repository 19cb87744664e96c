#pragma once

#include "core/ledger.hpp"
#include "run/audit.hpp"
#include "run/inputs.hpp"
#include "run/job.hpp"
#include "run/recipe.hpp"

namespace spectile::run {

/// Whether every product is there with this recipe. Throws Error{Code::publish} where one is there with
/// another recipe, or is not ours, unless `options.overwrite`.
bool already_published(const Job& job, const Recipe& recipe, const RunOptions& options);

/// Assembles the parts into products, checks every block, writes record, provenance and report, and makes all
/// of it visible by a journalled list of renames.
void publish_run(const Job& job, const Recipe& recipe, const InputHash& inputs, const AuditResult& audit,
                 Ledger& ledger, const std::string& work, const RunOptions& options, RunReport& report);

}  // namespace spectile::run
