#include "cli/run_flags.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/gdal_flags.hpp"
#include "cli/instructions.hpp"
#include "cli/machine_flags.hpp"
#include "cli/process.hpp"
#include "cli/status_file.hpp"
#include "run/machine.hpp"
#include "spectile/error.hpp"

namespace spectile::cli {
namespace {

constexpr const char* kRunGroup = "Run";

[[noreturn]] void refuse(const std::string& message) { throw Error(Code::usage, message); }

/// Where it works, and with what.
void declare_means(CLI::App& app, RunFlags& flags) {
    auto& options = flags.options;
    app.add_option("--set", flags.settings, "Any key of the pipeline, new ones too; may be repeated")
        ->type_name("KEY.PATH=VALUE")
        ->allow_extra_args(false)
        ->group(kRunGroup);
    app.add_option("--work", options.work, "Work directory; else .NAME.spectile beside the first product")
        ->type_name("DIR")
        ->group(kRunGroup);
    app.add_option(
           "--scratch", options.scratch,
           "Node-local folder in which files are written first; else what the scheduler gives its tasks")
        ->type_name("DIR")
        ->group(kRunGroup);
    app.add_option("--memory", flags.memory,
                   "Most memory to use, as 2GiB; else what machine, cgroup and Slurm allow")
        ->type_name("BYTES")
        ->group(kRunGroup);
    declare_threads(app, options.threads)->group(kRunGroup);
    declare_device(app, options.device, "auto, cpu, cuda or cuda:0,1")->group(kRunGroup);
}

/// Which parts are this process's.
void declare_sharing(CLI::App& app, RunFlags& flags) {
    auto& options = flags.options;
    app.add_option("--shard", options.shard,
                   "This process's share of the parts, K from 1; with --manifest also K,L,M-P, or auto: the "
                   "scheduler's array index")
        ->type_name("K/N|LIST|auto")
        ->group(kRunGroup);
    app.add_option("--manifest", options.manifest,
                   "How the parts are shared out: written by plan, read by run, merge and plan --missing")
        ->type_name("FILE")
        ->group(kRunGroup);
}

/// What it may throw away, replace and put up with.
void declare_rules(CLI::App& app, RunFlags& flags) {
    auto& options = flags.options;
    app.add_option(
           "--failed-tiles", options.failed_tiles,
           "Tiles that may fail to be read: left nodata and listed, exit 79; else the first ends the run")
        ->type_name("N")
        ->check(CLI::Range(0, 1000000000))
        ->capture_default_str()
        ->group(kRunGroup);
    app.add_flag("--restart", options.restart, "Throw earlier parts of this run away")->group(kRunGroup);
    app.add_flag("--overwrite", options.overwrite, "Replace products of another recipe")->group(kRunGroup);
    app.add_flag("--keep", options.keep, "Keep the work directory after publishing")->group(kRunGroup);
    app.add_flag("--strict", options.strict, "Warnings of the scene end the run")->group(kRunGroup);
    app.add_flag("--lossy", flags.lossy, "Accept data types that float32 does not hold exactly")
        ->group(kRunGroup);
    app.add_option("--preview", flags.preview,
                   "A quick look at the whole scene, no longer than this: reads every n-th pixel, writes "
                   "NAME.preview.EXT")
        ->type_name("PIXELS")
        ->check(CLI::Range(16, 100000))
        ->group(kRunGroup);
}

/// Files that tell how it goes, and what came of it.
void declare_reports(CLI::App& app, RunFlags& flags) {
    auto& options = flags.options;
    app.add_option("--status", options.status_file, "Progress as JSON lines")
        ->type_name("FILE")
        ->group(kRunGroup);
    auto* results =
        app.add_option("--results", flags.results, "Of several scenes: table (CSV) of what came of each")
            ->type_name("FILE")
            ->group(kRunGroup);
    app.add_option("--only", flags.only,
                   "Only scenes that --results does not name (new), says failed (failed), or both (open)")
        ->type_name("WHICH")
        ->check(CLI::IsMember({"new", "failed", "open"}))
        ->needs(results)
        ->group(kRunGroup);
    app.add_option("--metrics", flags.metrics,
                   "Progress as a text file for Prometheus; a shard's has its number in the name")
        ->type_name("FILE")
        ->group(kRunGroup);
}

/// When it ends of itself.
void declare_limits(CLI::App& app, RunFlags& flags) {
    app.add_option(
           "--time-limit", flags.time_limit,
           "Stop cleanly after this time, as 2h; else what Slurm leaves; resume with the same command")
        ->type_name("TIME")
        ->group(kRunGroup);
    app.add_option(
           "--grace", flags.grace,
           "How long before the limit to stop, and how long after a signal to wait for tiles in flight")
        ->type_name("TIME")
        ->capture_default_str()
        ->group(kRunGroup);
}

}  // namespace

void declare_run_flags(CLI::App& app, RunFlags& flags) {
    declare_means(app, flags);
    declare_sharing(app, flags);
    declare_rules(app, flags);
    declare_reports(app, flags);
    declare_limits(app, flags);
    declare_instructions(app);
    declare_gdal_flags(app, flags);
}

RunOptions run_options(const RunFlags& flags, Console& console) {
    RunOptions options = flags.options;
    if (!flags.memory.empty()) options.memory_bytes = run::parse_bytes(flags.memory);
    options.grace_s = parse_duration("--grace", flags.grace);
    if (!flags.time_limit.empty()) {
        const double limit_s = parse_duration("--time-limit", flags.time_limit);
        if (limit_s <= options.grace_s)
            refuse("--time-limit " + flags.time_limit + " must exceed --grace " + flags.grace);
        options.time_limit_s = limit_s - options.grace_s;
    } else if (const auto left_s = run::granted_seconds()) {
        options.time_limit_s = std::max(1.0, *left_s - options.grace_s);
    }
    options.stop = &stop_flag();
    std::shared_ptr<StatusFile> status;
    if (!options.status_file.empty()) status = std::make_shared<StatusFile>(options.status_file);
    options.progress = [&console, status](const Progress& progress) {
        console.progress(progress);
        if (status) status->add(progress);
    };
    return options;
}

double parse_number(const std::string& option, const std::string& text) {
    std::size_t used = 0;
    double value = 0;
    try {
        value = std::stod(text, &used);
    } catch (const std::exception&) {
        used = 0;
    }
    if (used == 0 || used != text.size()) refuse(option + ": '" + text + "' is no number");
    return value;
}

double parse_duration(const std::string& option, const std::string& text) {
    const auto end = text.find_first_not_of("0123456789.");
    const std::string unit = end == std::string::npos ? "s" : text.substr(end);
    const double factor = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : unit == "d" ? 86400 : 0;
    if (factor == 0 || end == 0) refuse(option + ": '" + text + "' is no time; write 30s, 90m, 2h or 1d");
    return factor * parse_number(option, text.substr(0, end));
}

}  // namespace spectile::cli
