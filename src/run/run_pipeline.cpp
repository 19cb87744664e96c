#include "run/run_pipeline.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "core/device.hpp"
#include "products/durable_file.hpp"
#include "products/part_writer.hpp"
#include "products/publish.hpp"
#include "raster/gdal_setup.hpp"
#include "run/audit.hpp"
#include "run/inputs.hpp"
#include "run/job.hpp"
#include "run/machine.hpp"
#include "run/parallel.hpp"
#include "run/publish_run.hpp"
#include "run/recipe.hpp"
#include "run/shard.hpp"
#include "run/statistics.hpp"
#include "run/stream.hpp"
#include "run/work_directory.hpp"
#include "spectile/error.hpp"

namespace spectile::run {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

bool is_whole(const PartEntry& entry, const Part& part, const std::string& work, int block) {
    for (const auto& [_, file] : entry.products)
        if (!products::is_part_whole(
                {work + "/" + file.file, file.bytes, part.window.width, part.window.height, file.blocks},
                block))
            return false;
    return true;
}

/// Parts of `wanted` that the ledger does not hold, or whose files are gone or damaged; the latter are
/// forgotten.
std::vector<std::int64_t> remaining(const Job& job, const std::vector<std::int64_t>& wanted, Ledger& ledger,
                                    const std::string& work) {
    std::vector<std::int64_t> out;
    for (const auto index : wanted) {
        const auto entry = ledger.parts().find(index);
        if (entry != ledger.parts().end()) {
            if (is_whole(entry->second, job.plan.parts.part(index), work, job.plan.block)) continue;
            ledger.forget(index);
        }
        out.push_back(index);
    }
    return out;
}

std::vector<std::int64_t> not_in(const Ledger& ledger, const std::vector<std::int64_t>& wanted) {
    std::vector<std::int64_t> out;
    for (const auto index : wanted)
        if (!ledger.parts().contains(index)) out.push_back(index);
    return out;
}

void check_scratch(const Plan& plan, const std::string& work, RunReport& report) {
    std::error_code error;
    const auto space = std::filesystem::space(work, error);
    if (error) return;
    // The plan's figure is of uncompressed pixels; a quarter of it is the least that compressed parts can be
    // hoped to take.
    if (space.available < plan.scratch_bytes / 4)
        throw Error(
            Code::memory,
            fmt::format(
                "{}: {} MiB of disk are free, the run may need {} MiB; free some, or choose another --work",
                work, space.available >> 20, plan.scratch_bytes >> 20));
    if (space.available < plan.scratch_bytes)
        report.warnings.push_back(
            fmt::format("{}: {} MiB of disk are free; uncompressed, parts and products take {} MiB", work,
                        space.available >> 20, plan.scratch_bytes >> 20));
}

void compute_parts(Job& job, const std::vector<std::int64_t>& parts, Ledger& ledger, const std::string& work,
                   const RunOptions& options, RunReport& report) {
    const auto model = load_model(job.card, options.device);
    collect_statistics(job, options);
    const StreamReport stream = stream_parts(job, *model, parts, ledger, work, options);
    report.tiles += stream.tiles;
    report.tiles_empty += stream.tiles_empty;
    report.parts += stream.parts;
    report.pixels_valid += stream.pixels_valid;
    for (const auto& [stage, seconds] : stream.stage_seconds) report.stage_seconds[stage] += seconds;
    if (stream.stopped && stream.parts < static_cast<std::int64_t>(parts.size()))
        throw Error(Code::interrupted,
                    fmt::format("{}: stopped with {} of {} parts to go; run the same command again", work,
                                parts.size() - static_cast<std::size_t>(stream.parts), parts.size()));
}

/// One scene, from opened job to published products.
void run_scene(Job& job, const RunOptions& options, bool compute, RunReport& report) {
    const auto begin = Clock::now();
    const std::string work = WorkDirectory::path_for(job, options);
    products::finish_publish(work + "/publish.json");
    const InputHash inputs = hash_scene(job, work, options);
    const Recipe recipe = make_recipe(job, inputs.sha256);
    if (already_published(job, recipe, options)) {
        report.already_done = true;
        for (const auto& raster : job.rasters) report.products.push_back(raster.definition.path);
        return;
    }
    const WorkDirectory directory(work, job, recipe, options.restart);
    remember_inputs(inputs, work);
    check_scratch(job.plan, work, report);
    products::remove_leftovers(work + "/parts");
    Ledger ledger(work);
    const auto mine = parts_of(options.shard, job.plan.parts.count());
    const auto missing = remaining(job, mine, ledger, work);
    report.parts_reused += static_cast<std::int64_t>(mine.size() - missing.size());
    const AuditResult audit = audit_scene(job, options.strict);
    report.warnings.insert(report.warnings.end(), audit.warnings.begin(), audit.warnings.end());
    if (compute && !missing.empty()) compute_parts(job, missing, ledger, work, options, report);
    if (compute && !options.shard.empty()) return;
    if (const auto lacking = not_in(ledger, mine); !lacking.empty())
        throw Error(
            Code::interrupted,
            fmt::format("{}: {} of {} parts are missing, the first is part {}; run the shards that hold them",
                        work, lacking.size(), mine.size(), lacking.front()));
    const auto publishing = Clock::now();
    report.seconds += seconds_since(begin);
    publish_run({job, recipe, inputs, audit, ledger, work}, options, report);
    report.stage_seconds["publish"] += seconds_since(publishing);
    report.seconds += seconds_since(publishing);
    if (!options.keep) directory.remove();
}

RunReport over_scenes(const Pipeline& pipeline, const RunOptions& options, bool compute) {
    RunReport report;
    if (compute) check_device(options.device);
    RunOptions own = options;
    if (own.threads <= 0) own.threads = available_threads();
    const ThreadBudget budget(own.threads);
    for (const auto& scene : pipeline.scenes) {
        Job job = open_job(pipeline, scene, own, shard_count(own.shard));
        set_gdal_cache_bytes(job.plan.gdal_cache_bytes);
        for (const auto& note : job.plan.notes) report.warnings.push_back(note);
        for (const auto& warning : job.scene->info().warnings) report.warnings.push_back(warning);
        in_arena(own.threads, [&] { run_scene(job, own, compute, report); });
    }
    return report;
}

}  // namespace

RunReport run_pipeline(const Pipeline& pipeline, const RunOptions& options) {
    return over_scenes(pipeline, options, true);
}

RunReport merge_pipeline(const Pipeline& pipeline, const RunOptions& options) {
    RunOptions all = options;
    all.shard.clear();
    return over_scenes(pipeline, all, false);
}

}  // namespace spectile::run
