#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "cli/declare.hpp"
#include "cli/pipeline_arguments.hpp"
#include "cli/run_and_report.hpp"
#include "pipeline/scene_lists.hpp"
#include "run/run_pipeline.hpp"

namespace spectile::cli {
namespace {

Action declare_work(CLI::App& app, Console& console, Work work) {
    auto arguments = std::make_shared<PipelineArguments>();
    if (work == run::run_pipeline)
        app.add_flag("--statistics", arguments->flags.options.statistics_only,
                     "Only fingerprint the inputs and work out whole-scene statistics, for shards to come");
    declare_pipeline(app, *arguments);
    declare_run_flags(app, arguments->flags);
    return [arguments, work, &console] {
        const auto& flags = arguments->flags;
        try {
            const auto name = std::filesystem::path(arguments->file).stem().string();
            return run_and_report(pipeline_of(*arguments), name, flags, work, console);
        } catch (const definition::NoScenes& none) {
            if (flags.only.empty()) throw;
            console.note(none.what() + std::string("; nothing to do"));
            return 0;
        }
    };
}

}  // namespace

Action declare_run(CLI::App& app, Console& console) { return declare_work(app, console, run::run_pipeline); }

Action declare_merge(CLI::App& app, Console& console) {
    return declare_work(app, console, run::merge_pipeline);
}

}  // namespace spectile::cli
