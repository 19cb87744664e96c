#include "raster/band_names.hpp"

#include <algorithm>
#include <filesystem>
#include <regex>

#include "spectile/error.hpp"

namespace spectile {
namespace {

/// Files of which more than one band comes say nothing of a single one.
std::vector<int> bands_of_rasters(const std::vector<BandInfo>& bands) {
    std::vector<int> count;
    for (const auto& band : bands) {
        count.resize(std::max(count.size(), static_cast<std::size_t>(band.raster) + 1));
        count[static_cast<std::size_t>(band.raster)] =
            std::max(count[static_cast<std::size_t>(band.raster)], band.raster_band + 1);
    }
    return count;
}

}  // namespace

std::string band_of_file_name(const std::string& path) {
    static const std::regex kBand("[Bb][0-9]{1,2}[Aa]?");
    const std::string stem = std::filesystem::path(path).stem().string();
    std::string found;
    for (std::size_t begin = 0; begin <= stem.size();) {
        const std::size_t end = std::min(stem.find_first_of("_.- ", begin), stem.size());
        const std::string word = stem.substr(begin, end - begin);
        if (std::regex_match(word, kBand)) found = word;
        begin = end + 1;
    }
    return found;
}

void name_bands(std::vector<BandInfo>& bands, const SceneDefinition& definition,
                const std::vector<int>& picked, std::size_t all) {
    std::vector<std::string> names = definition.band_names;
    if (names.empty()) {
        const auto count = bands_of_rasters(bands);
        for (auto& band : bands)
            if (band.name.empty() && count[static_cast<std::size_t>(band.raster)] == 1)
                band.name = band_of_file_name(definition.paths[static_cast<std::size_t>(band.raster)]);
        return;
    }
    if (definition.change && (names.size() * 2 == all || names.size() * 2 == bands.size()))
        names.insert(names.end(), definition.band_names.begin(), definition.band_names.end());
    const bool whole = names.size() == all;
    if (!whole && names.size() != bands.size())
        throw Error(Code::definition, definition.paths.front() + ": " +
                                          std::to_string(definition.band_names.size()) + " names for " +
                                          std::to_string(bands.size()) + " bands; give one per band");
    for (std::size_t i = 0; i < bands.size(); ++i)
        bands[i].name = names[whole ? static_cast<std::size_t>(picked[i]) : i];
}

}  // namespace spectile
