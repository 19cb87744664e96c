#pragma once

#include "run/computed.hpp"

namespace spectile::run {

/// Assembles the parts into products, checks every block, writes record, provenance and report, and makes all
/// of it visible by a journalled list of renames.
void publish_run(const Computed& computed, const RunOptions& options, RunReport& report);

}  // namespace spectile::run
