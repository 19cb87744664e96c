#include "cli/run_and_report.hpp"

#include <cstdlib>
#include <filesystem>
#include <memory>

#include "cli/metrics_file.hpp"
#include "cli/process.hpp"
#include "cli/results_table.hpp"
#include "cli/run_report.hpp"
#include "cluster/array_index.hpp"
#include "spectile/error.hpp"

namespace spectile::cli {
namespace {

/// This process's shard; `auto` is what every task says, so it becomes the number that it stands for.
std::string shard_of(const RunFlags& flags) {
    const std::string& shard = flags.options.shard;
    if (!shard.starts_with("auto")) return shard;
    return std::to_string(cluster::shard_of_array([](const char* name) { return std::getenv(name); })) +
           shard.substr(4);
}

/// One file for each process: shards would write over each other.
std::string file_of(const std::string& path, std::string shard) {
    if (shard.empty()) return path;
    for (auto& c : shard)
        if (c == '/' || c == ',') c = '-';
    const std::filesystem::path whole = path;
    return (whole.parent_path() / (whole.stem().string() + ".shard-" + shard + whole.extension().string()))
        .string();
}

int work_through(const Pipeline& pipeline, const RunOptions& options, Work work, ResultsTable* table,
                 Console& console) {
    const RunReport report = work(pipeline, options);
    if (table) table->close();
    return show_report(report, console);
}

}  // namespace

int run_and_report(Pipeline pipeline, const std::string& name, const RunFlags& flags, Work work,
                   Console& console) {
    RunOptions options = run_options(flags, console);
    std::unique_ptr<ResultsTable> table;
    const std::string shard = shard_of(flags);
    if (!flags.only.empty() && !shard.empty())
        throw Error(Code::usage, "--only " + flags.only +
                                     " and --shard: the table grows while shards run, so they "
                                     "would not share out the same scenes");
    if (!flags.results.empty()) {
        table = std::make_unique<ResultsTable>(file_of(flags.results, shard));
        if (!flags.only.empty()) table->choose(flags.only, pipeline);
        if (!flags.only.empty() && !pipeline.mosaics.empty()) {
            console.note("mosaic: is made by a run of all scenes, without --only");
            pipeline.mosaics.clear();
        }
        if (pipeline.scenes.empty()) {
            console.note("no scene is " + flags.only + " by " + flags.results + "; nothing to do");
            return 0;
        }
        options.scene_ended = [&table](const SceneOutcome& outcome) { table->add(outcome); };
    }
    listen_for_signals(options.grace_s);
    if (flags.metrics.empty()) return work_through(pipeline, options, work, table.get(), console);
    MetricsFile metrics(file_of(flags.metrics, shard), name, shard);
    options.progress = [&metrics, shown = options.progress](const Progress& progress) {
        metrics.add(progress);
        shown(progress);
    };
    try {
        const int status = work_through(pipeline, options, work, table.get(), console);
        metrics.end(status);
        return status;
    } catch (const Error& error) {
        metrics.end(exit_code(error.code()));
        throw;
    }
}

}  // namespace spectile::cli
