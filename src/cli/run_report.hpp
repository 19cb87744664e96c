#pragma once

#include "cli/console.hpp"
#include "spectile/run.hpp"

namespace spectile::cli {

/// Says what came of a run: one line a product for people, one document with `--json`; warnings to standard
/// error. Returns the exit status.
int show_report(const RunReport& report, Console& console);

}  // namespace spectile::cli
