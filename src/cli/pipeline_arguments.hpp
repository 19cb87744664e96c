#pragma once

#include <string>

#include "cli/run_flags.hpp"

namespace spectile::cli {

/// What every verb has that takes a pipeline file.
struct PipelineArguments {
    std::string file;
    RunFlags flags;
};

/// PIPELINE; the options of a run, declared by `declare_run_flags`, follow a verb's own.
void declare_pipeline(CLI::App& app, PipelineArguments& arguments);

/// The definition with the options applied. Throws as `read_pipeline` and `apply_run_flags`.
Pipeline pipeline_of(const PipelineArguments& arguments);

}  // namespace spectile::cli
