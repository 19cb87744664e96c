#pragma once

#include "spectile/pipeline.hpp"
#include "spectile/run.hpp"

namespace spectile::run {

/// Makes and publishes the pipeline's mosaics from the finished products of all its scenes, each with a
/// record and a provenance file, and the item over them; those that are there with the same recipe stay.
/// Where scenes failed none is made, and a warning says so. Throws Error{Code::publish} where another
/// recipe's mosaic is there without
/// --overwrite.
void publish_mosaics(const Pipeline& pipeline, const RunOptions& options, RunReport& report);

}  // namespace spectile::run
