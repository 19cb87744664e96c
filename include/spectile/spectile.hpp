#pragma once

#include <string>
#include <vector>

#include "spectile/error.hpp"
#include "spectile/pipeline.hpp"
#include "spectile/run.hpp"

// What the library offers to other programs: `find_package(spectile)`, `spectile::spectile`. It is what the
// verbs `run` and `plan` do; examples/using_the_library is a program with it.

#define SPECTILE_EXPORT __attribute__((visibility("default")))

namespace spectile {

/// A pipeline from its YAML file, with settings as `--set` takes them ("tiling.part=512").
/// Throws Error{Code::definition} with file, line and key, Error{Code::missing}.
SPECTILE_EXPORT Pipeline load_pipeline(const std::string& file,
                                       const std::vector<std::string>& settings = {});

/// What `spectile plan --json` prints of the pipeline: tiles, parts, memory, expected time. Reads no pixel.
SPECTILE_EXPORT std::string plan_json(const Pipeline& pipeline, const RunOptions& options = {});

/// Computes and publishes, or goes on where an earlier call (or `spectile run`) was cut off. One call at a
/// time in a process. Throws Error; what was finished stays in the work directory.
SPECTILE_EXPORT RunReport run_pipeline(const Pipeline& pipeline, const RunOptions& options = {});

/// The exit status that `spectile` would end with.
SPECTILE_EXPORT int exit_status(const Error& error);

}  // namespace spectile
