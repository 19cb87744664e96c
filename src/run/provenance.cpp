#include "run/provenance.hpp"

#include <unistd.h>

#include <ctime>
#include <nlohmann/json.hpp>

#include "kernels/target.hpp"
#include "raster/gdal_setup.hpp"
#include "spectile/version.hpp"

namespace spectile::run {
namespace {

using nlohmann::json;

std::string utc(std::time_t time) {
    char text[32];
    std::tm parts{};
    gmtime_r(&time, &parts);
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

}  // namespace

std::string execution_text(const Job& job, const InputHash& inputs, const RunReport& report) {
    char host[256] = {};
    ::gethostname(host, sizeof host - 1);
    return json{{"finished", utc(std::time(nullptr))},
                {"host", host},
                {"threads", job.threads},
                {"memory_budget_bytes", job.memory_bytes},
                {"seconds", report.seconds},
                {"stage_seconds", report.stage_seconds},
                {"tiles", report.tiles},
                {"tiles_empty", report.tiles_empty},
                {"parts_computed", report.parts},
                {"parts_reused", report.parts_reused},
                {"inputs", to_json(inputs)}}
        .dump();
}

std::string provenance_of(const Job& job, const Recipe& recipe, const std::string& kind) {
    return json{
        {"software",
         {{"spectile", kVersion}, {"gdal", gdal_version()}, {"instructions", kernels::target_name()}}},
        {"product", kind},
        {"recipe", recipe.sha256()},
        {"recipe_components", recipe.components},
        {"model", json::parse(job.card.canonical)},
        {"scene_bands_used", job.chain->band_table()},
        {"prepare", job.chain->describe()}}
        .dump();
}

}  // namespace spectile::run
