#include "run/plan_report.hpp"

#include <fmt/format.h>

#include "plan/recomputed_share.hpp"
#include "run/bench.hpp"
#include "run/bench_store.hpp"

namespace spectile::run {
namespace {

using nlohmann::ordered_json;

ordered_json window_json(const Window& w) { return {w.x, w.y, w.width, w.height}; }

ordered_json memory_json(const Plan& plan) {
    return {{"budget", nullptr},
            {"peak", plan.bytes_peak},
            {"fixed", plan.bytes_fixed},
            {"gdal_cache", plan.gdal_cache_bytes},
            {"mosaic", plan.bytes_mosaic},
            {"per_tile_in_flight", plan.bytes_per_token},
            {"tiles_in_flight", plan.tokens}};
}

ordered_json tiles_json(const TileGrid& tiles) {
    return {{"count", tiles.count()},
            {"width", tiles.tile_width},
            {"height", tiles.tile_height},
            {"halo", tiles.halo},
            {"blend", tiles.blend == Blend::none ? "none" : "feather"}};
}

ordered_json parts_json(const Plan& plan, bool local) {
    return {{"count", plan.parts.count()},
            {"width", plan.parts.part_width},
            {"height", plan.parts.part_height},
            {"block", plan.block},
            {"recomputed_share", plan::recomputed_share(plan, local)}};
}

std::string mib(const ordered_json& bytes) {
    return fmt::format("{:.0f} MiB", bytes.get<double>() / 1048576.0);
}

std::string duration(double seconds) {
    if (seconds < 90) return fmt::format("{:.1f} s", seconds);
    if (seconds < 5400) return fmt::format("{:.0f} min", seconds / 60);
    return fmt::format("{:.1f} h", seconds / 3600);
}

ordered_json target_json(const TargetGrid& target) {
    const auto& operation = target.operation;
    ordered_json out = {{"size", {target.grid.width, target.grid.height}},
                        {"resolution", target.resolution},
                        {"geotransform", target.grid.georeference.geotransform},
                        {"crs", target.grid.georeference.crs_wkt},
                        {"crs_name", target.crs_name},
                        {"operation", operation.name},
                        {"pipeline", operation.pipeline},
                        {"accuracy_m", nullptr},
                        {"grids", operation.grids}};
    if (operation.accuracy) out["accuracy_m"] = *operation.accuracy;
    return out;
}

/// Windows of one size cost one time each, wherever their cores end; others go by the pixels of the output.
double thread_seconds(const Job& job, double seconds_per_pixel) {
    if (!job.traits.fixed_tile)
        return seconds_per_pixel * static_cast<double>(job.plan.extent.area()) *
               (1 + plan::recomputed_share(job.plan, job.traits.local));
    const double core = job.traits.tile, window = job.traits.tile + 2.0 * job.traits.halo;
    return seconds_per_pixel * (core * core) / (window * window) *
           plan::pixels_read(job.plan, job.traits.local);
}

std::string target_text(const ordered_json& target) {
    std::string out = fmt::format("target   {} x {} pixels of {:.10g}, {}\n", target["size"][0].get<int>(),
                                  target["size"][1].get<int>(), target["resolution"].get<double>(),
                                  target["crs_name"].get<std::string>());
    if (target["operation"].get<std::string>().empty()) return out;
    out += "operation " + target["operation"].get<std::string>();
    if (!target["accuracy_m"].is_null())
        out += fmt::format(", accuracy {:.3g} m", target["accuracy_m"].get<double>());
    for (const auto& grid : target["grids"]) out += ", grid " + grid.get<std::string>();
    return out + "\n";
}

}  // namespace

PlanReport::PlanReport(const Job& job, double seconds_per_pixel) {
    const Plan& plan = job.plan;
    const auto& info = job.scene->info();
    json_["scene"] = {{"name", info.name},
                      {"size", {info.grid.width, info.grid.height}},
                      {"bands", info.bands.size()},
                      {"driver", info.rasters.front().driver}};
    json_["extent"] = window_json(plan.extent);
    json_["model"] = {
        {"name", job.card.name}, {"architecture", job.card.architecture}, {"local", job.traits.local}};
    json_["prepare"] = job.chain->describe();
    json_["bands"] = job.chain->band_table();
    json_["tiles"] = tiles_json(plan.tiles);
    json_["parts"] = parts_json(plan, job.traits.local);
    json_["memory_bytes"] = memory_json(plan);
    json_["memory_bytes"]["budget"] = job.memory_bytes;
    if (job.target) json_["target"] = target_json(*job.target);
    json_["scratch_bytes"] = plan.scratch_bytes;
    json_["threads"] = plan.threads;
    if (seconds_per_pixel > 0) {
        json_["seconds"] = thread_seconds(job, seconds_per_pixel) / plan.threads;
        json_["pixels_per_second"] = plan.threads / seconds_per_pixel;
    } else {
        json_["seconds"] = nullptr;
    }
    for (const auto& raster : job.rasters)
        json_["products"].push_back(
            {{"kind", raster.definition.kind}, {"path", job.published_name(raster.definition.path)}});
    for (const auto& other : job.others)
        json_["products"].push_back({{"kind", other.kind}, {"path", job.published_name(other.path)}});
    json_["notes"] = plan.notes;
    if (job.card.flips)
        json_["notes"].push_back(
            fmt::format("flips: each tile is predicted {} times, and the mean is kept", kFlips));
    json_["warnings"] = info.warnings;
}

std::string PlanReport::text() const {
    const auto& j = json_;
    std::string out =
        fmt::format("scene    {}: {} x {} pixels, {} bands, {}\n", j["scene"]["name"].get<std::string>(),
                    j["scene"]["size"][0].get<std::int64_t>(), j["scene"]["size"][1].get<std::int64_t>(),
                    j["scene"]["bands"].get<int>(), j["scene"]["driver"].get<std::string>());
    out += fmt::format("model    {} ({})\n", j["model"]["name"].get<std::string>(),
                       j["model"]["architecture"].get<std::string>());
    for (const auto& step : j["prepare"]) out += "prepare  " + step.get<std::string>() + "\n";
    for (const auto& row : j["bands"]) out += "band     " + row.get<std::string>() + "\n";
    out += fmt::format("tiles    {} of {} x {} pixels, halo {}, blend {}\n",
                       j["tiles"]["count"].get<std::int64_t>(), j["tiles"]["width"].get<std::int64_t>(),
                       j["tiles"]["height"].get<std::int64_t>(), j["tiles"]["halo"].get<int>(),
                       j["tiles"]["blend"].get<std::string>());
    out += fmt::format("parts    {} of {} x {} pixels\n", j["parts"]["count"].get<std::int64_t>(),
                       j["parts"]["width"].get<std::int64_t>(), j["parts"]["height"].get<std::int64_t>());
    out += fmt::format(
        "memory   {} at most ({} tiles in flight of {}, GDAL cache {}, mosaic {}) of {} allowed\n",
        mib(j["memory_bytes"]["peak"]), j["memory_bytes"]["tiles_in_flight"].get<int>(),
        mib(j["memory_bytes"]["per_tile_in_flight"]), mib(j["memory_bytes"]["gdal_cache"]),
        mib(j["memory_bytes"]["mosaic"]), mib(j["memory_bytes"]["budget"]));
    if (j.contains("target")) out += target_text(j["target"]);
    out += fmt::format("scratch  {} of disk at most\n", mib(j["scratch_bytes"]));
    out += j["seconds"].is_null()
               ? "time     unknown: nothing measured on this machine yet; run spectile bench, or plan "
                 "--measure\n"
               : fmt::format("time     about {} on {} thread(s)\n", duration(j["seconds"].get<double>()),
                             j["threads"].get<int>());
    for (const auto& product : j["products"])
        out += fmt::format("product  {}: {}\n", product["kind"].get<std::string>(),
                           product["path"].get<std::string>());
    for (const auto& note : j["notes"]) out += "note     " + note.get<std::string>() + "\n";
    for (const auto& warning : j["warnings"]) out += "warning  " + warning.get<std::string>() + "\n";
    return out;
}

std::vector<PlanReport> plan_pipeline(const Pipeline& pipeline, const RunOptions& options, int shards,
                                      bool measure) {
    std::vector<PlanReport> out;
    for (const auto& scene : pipeline.scenes) {
        const Job job = open_job(pipeline, scene, options, shards);
        out.emplace_back(job, measure ? measure_seconds_per_pixel(job) : stored_seconds_per_pixel(job));
    }
    return out;
}

}  // namespace spectile::run
