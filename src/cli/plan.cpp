#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/declare.hpp"
#include "cli/known.hpp"
#include "cli/run_flags.hpp"
#include "pipeline/read_pipeline.hpp"
#include "run/plan_report.hpp"

namespace spectile::cli {
namespace {

struct PlanArguments {
    std::string pipeline;
    int shards = 1;
    bool measure = false;
    RunFlags flags;
};

}  // namespace

Action declare_plan(CLI::App& app, Console& console) {
    auto arguments = std::make_shared<PlanArguments>();
    app.add_option("PIPELINE", arguments->pipeline, "Pipeline definition (YAML)")
        ->required()
        ->type_name("FILE");
    app.add_option("--shards", arguments->shards, "Plan for this many shards")
        ->type_name("N")
        ->check(CLI::Range(1, 1000000))
        ->capture_default_str();
    app.add_flag("--measure", arguments->measure, "Load the model and time it here first");
    declare_run_flags(app, arguments->flags);
    return [arguments, &console] {
        Pipeline pipeline = read_pipeline(arguments->pipeline, arguments->flags.settings, known_names());
        apply_run_flags(arguments->flags, pipeline);
        const auto options = run_options(arguments->flags, console);
        const auto reports = run::plan_pipeline(pipeline, options, arguments->shards, arguments->measure);
        nlohmann::ordered_json document = {{"scenes", nlohmann::ordered_json::array()}};
        for (const auto& report : reports) {
            document["scenes"].push_back(report.json());
            console.print(report.text());
        }
        console.print_json(document);
        return 0;
    };
}

}  // namespace spectile::cli
