#include "run/bench_store.hpp"

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/text_file.hpp"

namespace spectile::run {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string bench_file() {
    if (const char* folder = std::getenv("SPECTILE_CACHE")) return std::string(folder) + "/bench.json";
    if (const char* folder = std::getenv("XDG_CACHE_HOME"))
        return std::string(folder) + "/spectile/bench.json";
    if (const char* folder = std::getenv("HOME")) return std::string(folder) + "/.cache/spectile/bench.json";
    return {};
}

json stored() {
    const auto path = bench_file();
    if (path.empty() || !fs::exists(path)) return json::object();
    json parsed = json::parse(read_text_file(path), nullptr, false);
    return parsed.is_object() ? parsed : json::object();
}

}  // namespace

std::optional<BenchEntry> stored_bench(const std::string& architecture) {
    const json all = stored();
    if (!all.contains(architecture) || !all.at(architecture).is_object()) return std::nullopt;
    const json& row = all.at(architecture);
    return BenchEntry{row.value("pixels_per_second", 0.0), row.value("flops_per_pixel", 0.0),
                      row.value("instructions", "")};
}

std::string store_bench(const std::string& architecture, const BenchEntry& entry) {
    const auto path = bench_file();
    if (path.empty()) return {};
    std::error_code error;
    fs::create_directories(fs::path(path).parent_path(), error);
    if (error) return {};
    json all = stored();
    all[architecture] = {{"pixels_per_second", entry.pixels_per_second},
                         {"flops_per_pixel", entry.flops_per_pixel},
                         {"instructions", entry.instructions}};
    write_text_file(path, all.dump(1) + "\n");
    return path;
}

double stored_seconds_per_pixel(const Job& job) {
    const auto entry = stored_bench(job.card.architecture);
    if (!entry || entry->pixels_per_second <= 0) return -1;
    const double scale = entry->flops_per_pixel > 0 && job.traits.flops_per_pixel > 0
                             ? job.traits.flops_per_pixel / entry->flops_per_pixel
                             : 1;
    return scale / entry->pixels_per_second;
}

}  // namespace spectile::run
