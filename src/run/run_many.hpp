#pragma once

#include <cstddef>
#include <functional>

#include "spectile/pipeline.hpp"
#include "spectile/run.hpp"

namespace spectile::run {

/// Runs scene by scene what `options.shard` has of them (scene_shares.hpp), and adds up what they report.
///
/// What is wrong with a scene or with its products (65, 66, 71, 73, 74 while reading, 76) fails that scene
/// alone and is noted; everything else ends the run, as it would end the next scene. Where parts are only
/// merged, those that are missing fail their scene alone, too (75). `options.work` gets a folder for each
/// scene.
RunReport run_many(const Pipeline& pipeline, const RunOptions& options, bool compute,
                   const std::function<void(std::size_t scene, const RunOptions&, RunReport&)>& run_scene);

}  // namespace spectile::run
