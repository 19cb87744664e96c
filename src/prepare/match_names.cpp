#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "prepare/match_kinds.hpp"
#include "prepare/sentinel2_names.hpp"
#include "spectile/error.hpp"

namespace spectile::prepare {
namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
    return text;
}

/// The only usable band of that name, -1 for none.
template <typename Same>
int find_one(const MatchInput& input, const std::string& name, Same&& same) {
    int found = -1;
    for (std::size_t band = 0; band < input.bands.size(); ++band) {
        if (input.bands[band].bad || !same(input.bands[band].name)) continue;
        if (found >= 0)
            throw Error(
                Code::scene,
                fmt::format("{}: bands {} and {} are both called '{}'; rename one or match by wavelength",
                            input.scene, found + 1, band + 1, name));
        found = static_cast<int>(band);
    }
    return found;
}

}  // namespace

std::optional<BandMatch> match_names(const MatchInput& input) {
    BandMatch match;
    match.how = "name";
    for (std::size_t band = 0; band < input.card.bands.size(); ++band) {
        const std::string& name = input.card.bands[band].name;
        if (name.empty()) return std::nullopt;
        int source = find_one(input, name, [&](const std::string& other) { return other == name; });
        if (source < 0)
            source =
                find_one(input, name, [&](const std::string& other) { return lower(other) == lower(name); });
        if (source < 0 && !sentinel2_name(name).empty())
            source = find_one(input, name, [&](const std::string& other) {
                return sentinel2_name(other) == sentinel2_name(name);
            });
        if (source < 0) return std::nullopt;
        match.rows.push_back(row_of(input, band, source));
    }
    return match;
}

std::optional<BandMatch> match_positions(const MatchInput& input) {
    std::vector<int> all, good;
    for (std::size_t band = 0; band < input.bands.size(); ++band) {
        all.push_back(static_cast<int>(band));
        if (!input.bands[band].bad) good.push_back(static_cast<int>(band));
    }
    const std::size_t wanted = input.card.bands.size();
    if (all.size() != wanted && good.size() != wanted) return std::nullopt;
    const auto& taken = all.size() == wanted ? all : good;
    BandMatch match;
    match.how = "position";
    for (std::size_t band = 0; band < wanted; ++band) {
        match.rows.push_back(row_of(input, band, taken[band]));
        if (input.bands[static_cast<std::size_t>(taken[band])].bad)
            match.warnings.push_back(
                fmt::format("{}: band {} is marked bad but read, since model '{}' goes by position",
                            input.scene, taken[band] + 1, input.model_name()));
    }
    return match;
}

}  // namespace spectile::prepare
