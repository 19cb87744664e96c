#include "run/make_manifest.hpp"

#include <algorithm>
#include <cmath>

#include "core/device.hpp"
#include "gdal/setup.hpp"
#include "plan/recomputed_share.hpp"
#include "run/audit.hpp"
#include "run/bench_store.hpp"
#include "run/inputs.hpp"
#include "run/job.hpp"
#include "run/recipe.hpp"
#include "run/valid_pixels.hpp"
#include "run/work_directory.hpp"
#include "spectile/error.hpp"

namespace spectile::run {
namespace {

constexpr int kShardThreads = 4;
constexpr std::uint64_t kThreadBytes = std::uint64_t{4} << 30;
/// An empty part costs about this share of a full one: it is opened, written and recorded.
constexpr std::int64_t kEmptyDivisor = 50;

std::uint64_t pixel_bytes(const Job& job) {
    std::uint64_t bytes = 0;
    for (const auto& raster : job.rasters)
        bytes += static_cast<std::uint64_t>(raster.product->format().bands) *
                 size_of(raster.product->format().type);
    return bytes;
}

std::vector<std::int64_t> weights_of(const Job& job, const std::vector<std::int64_t>& valid) {
    std::vector<std::int64_t> out(valid);
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] += job.plan.parts.part(static_cast<std::int64_t>(i)).window.area() / kEmptyDivisor;
    return out;
}

/// A shard's own resources where nothing is said: not those of the machine that plans.
RunOptions options_of_a_shard(RunOptions options) {
    if (options.threads <= 0) options.threads = kShardThreads;
    if (options.memory_bytes == 0)
        options.memory_bytes = kThreadBytes * static_cast<std::uint64_t>(options.threads);
    options.manifest.clear();  // It is about to be written: it decides nothing yet.
    return options;
}

/// Shares the job's parts out, balanced by valid pixels, and says what each shard asks for.
cluster::Manifest make_manifest(const Job& job, const InputHash& inputs, const RunOptions& options,
                                int shards) {
    const Recipe recipe = make_recipe(job, inputs.sha256);
    const double seconds_per_pixel = stored_seconds_per_pixel(job);
    cluster::Manifest out;
    out.recipe = recipe.sha256();
    out.components = recipe.components.dump();
    out.instructions = recipe.components.at("instructions").get<std::string>();
    out.inputs = to_json(inputs).dump();
    out.work = WorkDirectory::path_for(job, options);
    out.width = job.plan.parts.width;
    out.height = job.plan.parts.height;
    out.part = job.plan.parts.part_width;
    out.parts = job.plan.parts.count();
    out.statistics = job.chain->next_statistics_step().has_value();
    out.recomputed_share = plan::recomputed_share(job.plan, job.traits.local);
    for (const auto& raster : job.rasters)
        out.products.push_back({raster.definition.kind, raster.definition.path});
    out.threads = job.threads;
    out.gpus = static_cast<int>(parse_device(options.device).cuda.size());
    out.memory_bytes = job.plan.bytes_peak;
    const ValidPixels valid = estimate_valid_pixels(job);
    out.balanced_by = valid.method;
    for (const auto& run : plan::balance_parts(weights_of(job, valid.parts), shards)) {
        cluster::ManifestShard shard{run};
        for (auto part = run.begin; part < run.end; ++part) {
            shard.pixels += job.plan.parts.part(part).window.area();
            shard.valid_pixels += valid.parts[static_cast<std::size_t>(part)];
        }
        shard.scratch_bytes = pixel_bytes(job) * static_cast<std::uint64_t>(shard.pixels);
        if (seconds_per_pixel > 0)
            shard.seconds = seconds_per_pixel * static_cast<double>(shard.valid_pixels) *
                            (1 + out.recomputed_share) / job.threads;
        out.shards.push_back(shard);
    }
    return out;
}

}  // namespace

cluster::Manifest plan_scenes(const Pipeline& pipeline, const RunOptions& options, int shards) {
    const RunOptions own = options_of_a_shard(options);
    const auto scenes = static_cast<int>(pipeline.scenes.size());
    const Job job = open_job(pipeline, pipeline.scenes.front(), own, std::max(1, shards / scenes));
    cluster::Manifest out;
    out.threads = job.threads;
    out.gpus = static_cast<int>(parse_device(options.device).cuda.size());
    out.memory_bytes = job.plan.bytes_peak;
    cluster::ManifestShard shard;
    if (const double each = stored_seconds_per_pixel(job); each > 0)
        shard.seconds = each * static_cast<double>(job.plan.parts.width * job.plan.parts.height) /
                        job.threads * std::ceil(10.0 * scenes / shards) / 10;
    out.shards.assign(static_cast<std::size_t>(shards), shard);
    return out;
}

PlannedShards plan_shards(const Pipeline& pipeline, const RunOptions& options, int shards) {
    if (pipeline.scenes.size() != 1)
        throw Error(Code::definition, pipeline.file + ": scenes: a manifest is of one scene, these are " +
                                          std::to_string(pipeline.scenes.size()) +
                                          "; give each a pipeline of its own");
    const RunOptions own = options_of_a_shard(options);
    const Job job = open_job(pipeline, pipeline.scenes.front(), own, shards);
    // Before a hundred tasks find that the scene is in other units; they do not look again.
    auto audit = audit_scene(job, options.strict);
    const InputHash inputs = hash_scene(job, WorkDirectory::path_for(job, own), options);
    return {make_manifest(job, inputs, own, shards), std::move(audit.warnings)};
}

}  // namespace spectile::run
