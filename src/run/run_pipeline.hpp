#pragma once

#include "spectile/run.hpp"

// The first thing to read: the whole flow of a run, from definition to published products.

namespace spectile::run {

/// Computes what is missing of every scene of the pipeline and publishes the products. With `options.shard`,
/// computes that shard's parts and publishes nothing. Throws Error; what was finished before stays in the
/// work directory and is not computed again.
RunReport run_pipeline(const Pipeline& pipeline, const RunOptions& options);

/// Publishes from finished parts alone; never infers. Throws Error{Code::interrupted} naming missing parts.
RunReport merge_pipeline(const Pipeline& pipeline, const RunOptions& options);

}  // namespace spectile::run
