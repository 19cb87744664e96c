#include "run/run_many.hpp"

#include "raster/open_scene.hpp"
#include "run/scene_shares.hpp"
#include "run/work_directory.hpp"
#include "spectile/error.hpp"

namespace spectile::run {
namespace {

bool fails_one_scene(const Error& error, bool compute) {
    if (dynamic_cast<const OtherRun*>(&error)) return true;
    switch (error.code()) {
        case Code::interrupted:
            return !compute;
        case Code::scene:
        case Code::missing:
        case Code::memory:
        case Code::publish:
        case Code::read:
        case Code::verification:
            return true;
        default:
            return false;
    }
}

void add(const RunReport& one, RunReport& all) {
    all.products.insert(all.products.end(), one.products.begin(), one.products.end());
    all.tiles += one.tiles;
    all.tiles_empty += one.tiles_empty;
    all.parts += one.parts;
    all.parts_reused += one.parts_reused;
    all.pixels_valid += one.pixels_valid;
    all.seconds += one.seconds;
    for (const auto& [stage, seconds] : one.stage_seconds) all.stage_seconds[stage] += seconds;
    all.warnings.insert(all.warnings.end(), one.warnings.begin(), one.warnings.end());
    all.marked.insert(all.marked.end(), one.marked.begin(), one.marked.end());
}

SceneOutcome outcome_of(const RunReport& report, bool shared_out) {
    SceneOutcome out;
    out.state = report.already_done ? "there" : shared_out ? "computed" : "done";
    out.status = report.marked.empty() ? 0 : exit_code(Code::marked);
    out.products = report.products;
    out.pixels_valid = report.pixels_valid;
    out.seconds = report.seconds;
    return out;
}

}  // namespace

RunReport run_many(const Pipeline& pipeline, const RunOptions& options, bool compute,
                   const std::function<void(std::size_t, const RunOptions&, RunReport&)>& run_scene) {
    RunReport all;
    all.already_done = true;
    for (const auto& share : share_out(options.shard, pipeline.scenes.size())) {
        const SceneDefinition& scene = pipeline.scenes[share.scene];
        RunOptions its = options;
        its.shard = share.shard;
        if (!options.work.empty() && options.manifest.empty())
            its.work = options.work + "/" + scene_stem(scene.paths.front());
        RunReport one;
        SceneOutcome outcome;
        try {
            run_scene(share.scene, its, one);
            outcome = outcome_of(one, !share.shard.empty());
        } catch (const Error& error) {
            if (!fails_one_scene(error, compute)) throw;
            outcome.state = "failed";
            outcome.status = exit_code(error.code());
            outcome.message = error.what();
        }
        outcome.scene = scene_name(scene);
        add(one, all);
        all.already_done = all.already_done && outcome.state == "there";
        if (options.scene_ended) options.scene_ended(outcome);
        all.scenes.push_back(std::move(outcome));
    }
    return all;
}

}  // namespace spectile::run
