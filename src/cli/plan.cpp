#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/declare.hpp"
#include "cli/pipeline_arguments.hpp"
#include "cluster/number_list.hpp"
#include "core/text_file.hpp"
#include "run/make_manifest.hpp"
#include "run/missing.hpp"
#include "run/plan_report.hpp"

namespace spectile::cli {
namespace {

struct PlanArguments {
    PipelineArguments pipeline;
    int shards = 1;
    bool measure = false, missing = false;
};

using Json = nlohmann::ordered_json;

int show_missing(const PlanArguments& arguments, Console& console) {
    const Pipeline pipeline = pipeline_of(arguments.pipeline);
    const auto missing =
        run::missing_of(pipeline, run_options(arguments.pipeline.flags, console), arguments.shards);
    const std::string shards = cluster::number_list(missing.shards);
    console.print_json(Json{{"missing",
                             {{"shards", shards},
                              {"parts", cluster::number_list(missing.parts)},
                              {"count", missing.parts.size()}}}});
    if (!shards.empty()) console.print(shards);
    return 0;
}

std::string manifest_line(const cluster::Manifest& manifest) {
    std::int64_t least = manifest.parts, most = 0;
    for (const auto& shard : manifest.shards) {
        least = std::min(least, shard.parts.count());
        most = std::max(most, shard.parts.count());
    }
    return fmt::format(
        "shards   {} of {} to {} parts, balanced by {}; {:.1f} % computed again where parts meet\n",
        manifest.shards.size(), least, most, manifest.balanced_by, 100 * manifest.recomputed_share);
}

int show_plan(const PlanArguments& arguments, Console& console) {
    const Pipeline pipeline = pipeline_of(arguments.pipeline);
    auto options = run_options(arguments.pipeline.flags, console);
    Json document = {{"scenes", Json::array()}};
    if (!options.manifest.empty()) {
        const auto [manifest, warnings] = run::plan_shards(pipeline, options, arguments.shards);
        for (const auto& warning : warnings) console.note("warning: " + warning);
        document["warnings"] = warnings;
        const std::string text = cluster::manifest_text(manifest);
        write_text_file(options.manifest, text);
        document["manifest"] = options.manifest;
        console.note(options.manifest + " written");
        console.print(manifest_line(manifest));
        options.manifest.clear();
    }
    for (const auto& report : run::plan_pipeline(pipeline, options, arguments.shards, arguments.measure)) {
        document["scenes"].push_back(report.json());
        console.print(report.text());
    }
    console.print_json(document);
    return 0;
}

}  // namespace

Action declare_plan(CLI::App& app, Console& console) {
    auto arguments = std::make_shared<PlanArguments>();
    declare_pipeline(app, arguments->pipeline);
    app.add_option("--shards", arguments->shards, "Plan for this many shards")
        ->type_name("N")
        ->check(CLI::Range(1, 1000000))
        ->capture_default_str();
    app.add_flag("--missing", arguments->missing,
                 "Print the shards whose parts are not all there, as an array list such as 3,7-9");
    app.add_flag("--measure", arguments->measure, "Load the model and time it here first");
    declare_run_flags(app, arguments->pipeline.flags);
    return [arguments, &console] {
        if (arguments->missing) return show_missing(*arguments, console);
        return show_plan(*arguments, console);
    };
}

}  // namespace spectile::cli
