#pragma once

#include <string>

#include "run/job.hpp"

namespace spectile::run {

/// Works out the whole-scene statistics that the chain's steps ask for, one streaming pass over the wanted
/// part of the scene for each such step, and hands them to the chain.
///
/// What the work directory holds is taken from there, and what was worked out is kept there.
/// Blocks of fixed shape, reduced in block order in double: the figures do not depend on threads or memory.
void collect_statistics(Job& job, const std::string& work, const RunOptions& options);

}  // namespace spectile::run
