#include "run/provenance.hpp"

#include <unistd.h>

#include <ctime>
#include <nlohmann/json.hpp>

#include "gdal/setup.hpp"
#include "kernels/target.hpp"
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

std::string host_name() {
    char host[256] = {};
    ::gethostname(host, sizeof host - 1);
    return host;
}

json software() {
    return {{"spectile", kVersion}, {"gdal", gdal_version()}, {"instructions", kernels::target_name()}};
}

}  // namespace

std::string mosaic_execution() {
    return json{{"finished", utc(std::time(nullptr))}, {"host", host_name()}}.dump();
}

std::string mosaic_provenance(const std::string& kind, const json& recipe) {
    return json{{"software", software()}, {"product", kind}, {"recipe_components", recipe}}.dump();
}

std::string execution_text(const Job& job, const InputHash& inputs, const RunReport& report) {
    return json{{"finished", utc(std::time(nullptr))},
                {"host", host_name()},
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
    return json{{"software", software()},
                {"product", kind},
                {"recipe", recipe.sha256()},
                {"recipe_components", recipe.components},
                {"model", json::parse(job.card.canonical)},
                {"scene_bands_used", job.chain->band_table()},
                {"prepare", job.chain->describe()}}
        .dump();
}

}  // namespace spectile::run
