#pragma once

#include <string>

#include "cli/console.hpp"
#include "cli/run_flags.hpp"
#include "spectile/pipeline.hpp"
#include "spectile/run.hpp"

namespace spectile::cli {

using Work = RunReport (*)(const Pipeline&, const RunOptions&);

/// What every verb that computes products does with a pipeline whose flags are applied: listens for signals,
/// keeps
/// --results and --metrics, says what came of it. `name`: of the run, for metrics. Returns the exit status.
int run_and_report(Pipeline pipeline, const std::string& name, const RunFlags& flags, Work work,
                   Console& console);

}  // namespace spectile::cli
