#include "run/statistics_store.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/checksum.hpp"
#include "core/text_file.hpp"
#include "spectile/error.hpp"

namespace spectile::run {
namespace {

using nlohmann::json;

constexpr std::size_t kChecksumDigits = 16;

std::string file_of(const std::string& work, std::size_t step) {
    return work + "/statistics-" + std::to_string(step) + ".json";
}

json to_json(const BandStatistics& band) {
    return {{"count", band.count},     {"mean", band.mean},       {"deviation", band.standard_deviation},
            {"minimum", band.minimum}, {"maximum", band.maximum}, {"histogram", band.histogram}};
}

BandStatistics from_json(const json& band) {
    return {band.at("count").get<std::uint64_t>(), band.at("mean").get<double>(),
            band.at("deviation").get<double>(),    band.at("minimum").get<double>(),
            band.at("maximum").get<double>(),      band.at("histogram").get<std::vector<std::uint64_t>>()};
}

}  // namespace

std::optional<std::vector<BandStatistics>> stored_statistics(const std::string& work, std::size_t step) {
    const auto file = file_of(work, step);
    if (!std::filesystem::exists(file)) return std::nullopt;
    const std::string text = read_text_file(file);
    if (text.size() < kChecksumDigits + 2) return std::nullopt;
    const auto body = std::string_view(text).substr(kChecksumDigits + 1);
    if (xxh3_hex(body.data(), body.size()) != text.substr(0, kChecksumDigits)) return std::nullopt;
    try {
        std::vector<BandStatistics> out;
        for (const auto& band : json::parse(body)) out.push_back(from_json(band));
        return out;
    } catch (const json::exception&) {
        return std::nullopt;  // A number that JSON does not hold: worked out anew each time.
    }
}

void store_statistics(const std::string& work, std::size_t step, const std::vector<BandStatistics>& bands) {
    json all = json::array();
    for (const auto& band : bands) all.push_back(to_json(band));
    const std::string body = all.dump() + "\n";
    write_text_file(file_of(work, step), xxh3_hex(body.data(), body.size()) + " " + body);
}

}  // namespace spectile::run
