#include "run/run_pipeline.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "cluster/manifest.hpp"
#include "core/device.hpp"
#include "gdal/setup.hpp"
#include "products/durable_file.hpp"
#include "products/part_writer.hpp"
#include "products/publish.hpp"
#include "run/audit.hpp"
#include "run/inputs.hpp"
#include "run/job.hpp"
#include "run/machine.hpp"
#include "run/missing.hpp"
#include "run/parallel.hpp"
#include "run/publish_mosaics.hpp"
#include "run/publish_run.hpp"
#include "run/published.hpp"
#include "run/recipe.hpp"
#include "run/run_many.hpp"
#include "run/shard.hpp"
#include "run/staging.hpp"
#include "run/statistics.hpp"
#include "run/stream.hpp"
#include "run/watch_attempt.hpp"
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

/// One scene, from opened job to published products.
class SceneRun {
public:
    SceneRun(Job& job, const RunOptions& options, RunReport& report)
        : job_(job), options_(options), report_(report), work_(WorkDirectory::path_for(job, options)) {
        products::finish_publish(WorkDirectory::journal_in(work_));
        inputs_ = hash_scene(job, work_, options);
        recipe_ = make_recipe(job, inputs_.sha256);
        if (!options.manifest.empty())
            refuse_other_manifest(cluster::read_manifest(options.manifest), recipe_);
    }

    void run(bool compute) {
        if (already_uploaded(job_, recipe_, options_)) return say_done();
        if (already_published(job_, recipe_, options_)) {
            renew_item(job_, recipe_, report_);
            upload_products(job_);
            if (!options_.keep) WorkDirectory::tidy(work_, job_, recipe_);
            return say_done();
        }
        try {
            make(compute);
        } catch (const Error& error) {
            if (!published_meanwhile()) throw;
            report_.warnings.push_back(work_ + ": another run of the same job published first (" +
                                       error.what() + ")");
            say_done();
        }
        // Outside of the above: what was published here is not yet where it belongs.
        if (published_) upload_products(job_);
    }

private:
    void make(bool compute) {
        const WorkDirectory directory(work_, job_, recipe_, options_.restart);
        remember_inputs(inputs_, work_);
        if (!compute) return compute_and_publish(directory, options_, false);
        watch_attempt(work_, options_,
                      [&](const RunOptions& told) { compute_and_publish(directory, told, true); });
    }

    void compute_and_publish(const WorkDirectory& directory, const RunOptions& options, bool compute) {
        const auto begin = Clock::now();
        if (options.statistics_only) return collect_statistics(job_, work_, options);
        check_scratch(job_.plan, work_, report_);
        products::remove_leftovers(work_ + "/parts");
        const auto mine = parts_of(options, job_.plan.parts.count());
        const bool some = !options.shard.empty() && !mine.empty();
        Ledger ledger(work_, recipe_.sha256(), some ? PartRange{mine.front(), mine.back()} : PartRange{});
        if (ledger.foreign_lines() > 0)
            report_.warnings.push_back(fmt::format(
                "{}: {} parts were made with another recipe or instruction level and are left out", work_,
                ledger.foreign_lines()));
        // Before every file is read once more to be compared.
        if (!compute) refuse_gaps(work_, not_in(ledger, mine), mine.size(), options.manifest);
        const auto missing = remaining(mine, ledger, compute);
        report_.parts_reused += static_cast<std::int64_t>(mine.size() - missing.size());
        // What a manifest was made of has been looked at; a shard only computes.
        const bool looked_at = compute && !options.shard.empty() && !options.manifest.empty();
        const AuditResult audit = looked_at ? AuditResult{} : audit_scene(job_, options.strict);
        report_.warnings.insert(report_.warnings.end(), audit.warnings.begin(), audit.warnings.end());
        if (compute && !missing.empty()) compute_parts(missing, ledger, options);
        report_.seconds += seconds_since(begin);
        if (compute && !options.shard.empty()) return;
        refuse_gaps(work_, not_in(ledger, mine), mine.size(), options.manifest);
        const auto publishing = Clock::now();
        return_spare_memory();
        publish_run({job_, recipe_, inputs_, audit, ledger, work_}, options, report_);
        published_ = true;
        report_.stage_seconds["publish"] += seconds_since(publishing);
        report_.seconds += seconds_since(publishing);
        // With failed tiles the other parts stay for the run that tries again.
        if (!options.keep && report_.marked.empty()) directory.remove();
    }

    /// Parts of `wanted` that the ledger does not hold, or whose files are gone or damaged; the latter are
    /// forgotten. With `again`, parts with failed tiles too.
    std::vector<std::int64_t> remaining(const std::vector<std::int64_t>& wanted, Ledger& ledger,
                                        bool again) const {
        std::vector<std::int64_t> out;
        for (const auto index : wanted) {
            const auto entry = ledger.parts().find(index);
            if (entry != ledger.parts().end()) {
                const bool whole =
                    is_whole(entry->second, job_.plan.parts.part(index), work_, job_.plan.block);
                if (whole && (entry->second.marked.empty() || !again)) continue;
                ledger.forget(index);
            }
            out.push_back(index);
        }
        return out;
    }

    void compute_parts(const std::vector<std::int64_t>& parts, Ledger& ledger, const RunOptions& options) {
        const auto model = load_model(job_.card, options.device);
        collect_statistics(job_, work_, options);
        const StreamReport stream = stream_parts({job_, *model, ledger, work_, options}, parts);
        report_.tiles += stream.tiles;
        report_.tiles_empty += stream.tiles_empty;
        report_.parts += stream.parts;
        report_.pixels_valid += stream.pixels_valid;
        for (const auto& [stage, seconds] : stream.stage_seconds) report_.stage_seconds[stage] += seconds;
        if (stream.stopped && stream.parts < static_cast<std::int64_t>(parts.size()))
            throw Error(
                Code::interrupted,
                fmt::format("{}: stopped with {} of {} parts to go; run the same command again", work_,
                            parts.size() - static_cast<std::size_t>(stream.parts), parts.size()));
    }

    /// Two runs of one job do no harm: the first to end tidies the work directory away, whatever the second
    /// was doing there.
    bool published_meanwhile() const {
        try {
            return already_published(job_, recipe_, options_);
        } catch (const Error&) {
            return false;
        }
    }

    void say_done() {
        report_.already_done = true;
        for (const auto& raster : job_.rasters)
            report_.products.push_back(job_.published_name(raster.definition.path));
    }

    Job& job_;
    const RunOptions& options_;
    RunReport& report_;
    std::string work_;
    InputHash inputs_;
    bool published_ = false;
    Recipe recipe_;
};

void run_scene(const Pipeline& pipeline, std::size_t scene, const RunOptions& options, bool compute,
               RunReport& report) {
    Job job = open_job(pipeline, pipeline.scenes[scene], options, shard_count(options));
    set_gdal_cache_bytes(job.plan.gdal_cache_bytes);
    for (const auto& note : job.plan.notes) report.warnings.push_back(note);
    for (const auto& warning : job.scene->info().warnings) report.warnings.push_back(warning);
    in_arena(options.threads, [&] { SceneRun(job, options, report).run(compute); });
}

RunReport over_scenes(const Pipeline& pipeline, const RunOptions& options, bool compute) {
    if (compute) check_device(options.device);
    RunOptions own = options;
    if (own.threads <= 0) own.threads = available_threads();
    const ThreadBudget budget(own.threads);
    if (compute && !own.statistics_only) own.scratch = scratch_folder(own.scratch);
    if (!own.scratch.empty()) {
        products::remove_leftovers(own.scratch);
        set_gdal_option("CPL_TMPDIR=" + own.scratch);
    }
    if (!own.manifest.empty() && own.work.empty()) own.work = cluster::read_manifest(own.manifest).work;
    RunReport report;
    if (pipeline.scenes.size() == 1 && !own.scene_ended)
        run_scene(pipeline, 0, own, compute, report);
    else
        report = run_many(pipeline, own, compute,
                          [&](std::size_t scene, const RunOptions& its, RunReport& its_report) {
                              run_scene(pipeline, scene, its, compute, its_report);
                          });
    if (own.shard.empty() && !own.statistics_only) publish_mosaics(pipeline, own, report);
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
