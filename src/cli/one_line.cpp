#include "pipeline/one_line.hpp"

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/declare.hpp"
#include "cli/known.hpp"
#include "cli/run_and_report.hpp"
#include "cli/run_flags.hpp"
#include "run/run_pipeline.hpp"

namespace spectile::cli {
namespace {

struct OneLineArguments {
    OneLine line;
    std::map<std::string, std::string> more;  ///< Path of further products, by kind.
    RunFlags flags;
};

Pipeline pipeline_of(const OneLineArguments& arguments) {
    auto settings = arguments.flags.settings;
    for (const auto& [kind, path] : arguments.more)
        if (!path.empty()) settings.push_back("products." + kind + ".path=" + path);
    Pipeline pipeline = one_line(arguments.line, settings, known_names());
    apply_run_flags(arguments.flags, pipeline);
    return pipeline;
}

/// Products that a verb has an option for, beside its own.
std::vector<std::string> further_products(Task task) {
    switch (task) {
        case Task::detection:
            return {"mask", "probabilities", "report"};
        case Task::change:
            return {"detections", "confidence", "probabilities", "report"};
        default:
            return {"confidence", "probabilities", "report"};
    }
}

/// SCENE..., -m, -o, an option for each product beyond the verb's own, and the options of a run.
Action declare_one_line(CLI::App& app, Console& console, Task task) {
    auto arguments = std::make_shared<OneLineArguments>();
    auto& line = arguments->line;
    line.task = task;
    if (task == Task::change)
        app.add_option("SCENE", line.scenes,
                       "The earlier date, then the later: files, or any names that GDAL opens")
            ->required()
            ->expected(2)
            ->type_name("BEFORE AFTER");
    else
        app.add_option("SCENE", line.scenes, "Scenes: files, or any names that GDAL opens")
            ->required()
            ->type_name("NAME");
    app.add_option("-m,--model", line.model, "Model: a folder, or the name of an installed one")
        ->required()
        ->type_name("DIR");
    app.add_option("-o,--output", line.output,
                   "File to write, or a folder; holds {stem} where there are several scenes")
        ->required()
        ->type_name("OUT");
    for (const auto& kind : further_products(task))
        app.add_option(std::string("--") + kind, arguments->more[kind],
                       std::string("Where to write the ") + kind)
            ->type_name("FILE");
    if (task != Task::change)
        app.add_flag("--stack", line.stack, "The scenes are rasters of one scene, not scenes of their own");
    declare_run_flags(app, arguments->flags);
    return [arguments, &app, &console] {
        return run_and_report(pipeline_of(*arguments), app.get_name(), arguments->flags, run::run_pipeline,
                              console);
    };
}

}  // namespace

Action declare_classify(CLI::App& app, Console& console) {
    return declare_one_line(app, console, Task::classification);
}

Action declare_segment(CLI::App& app, Console& console) {
    return declare_one_line(app, console, Task::segmentation);
}

Action declare_detect(CLI::App& app, Console& console) {
    return declare_one_line(app, console, Task::detection);
}

Action declare_label(CLI::App& app, Console& console) { return declare_one_line(app, console, Task::labels); }

Action declare_change(CLI::App& app, Console& console) {
    return declare_one_line(app, console, Task::change);
}

}  // namespace spectile::cli
