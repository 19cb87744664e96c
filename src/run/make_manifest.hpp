#pragma once

#include <string>
#include <vector>

#include "cluster/manifest.hpp"
#include "spectile/run.hpp"

namespace spectile::run {

/// A manifest, and what the look at the scene's values warned of before it was made.
struct PlannedShards {
    cluster::Manifest manifest;
    std::vector<std::string> warnings;
};

/// Plans the pipeline's one scene for `shards` shards, reading the inputs once for their fingerprint.
///
/// Threads and memory are those that `options` ask for, else four threads and 4 GiB for each, so that the
/// machine on which one plans does not decide what the nodes are asked for. Throws Error{Code::definition}
/// for a pipeline of several scenes; else as open_job and audit_scene.
PlannedShards plan_shards(const Pipeline& pipeline, const RunOptions& options, int shards);

/// What one of `shards` shards over several scenes asks for, and their number; no parts, no file. The first
/// scene stands for all of them.
cluster::Manifest plan_scenes(const Pipeline& pipeline, const RunOptions& options, int shards);

}  // namespace spectile::run
