#include "cli/pipeline_arguments.hpp"

#include <CLI/CLI.hpp>

#include "cli/known.hpp"
#include "pipeline/read_pipeline.hpp"

namespace spectile::cli {

void declare_pipeline(CLI::App& app, PipelineArguments& arguments) {
    app.add_option("PIPELINE", arguments.file, "Pipeline definition (YAML)")->required()->type_name("FILE");
}

Pipeline pipeline_of(const PipelineArguments& arguments) {
    Pipeline pipeline = read_pipeline(arguments.file, arguments.flags.settings, known_names());
    apply_run_flags(arguments.flags, pipeline);
    return pipeline;
}

}  // namespace spectile::cli
