#include "prepare/match_bands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "prepare/match_kinds.hpp"
#include "spectile/error.hpp"

namespace spectile::prepare {
namespace {

bool card_has_wavelengths(const ModelCard& card) {
    return std::all_of(card.bands.begin(), card.bands.end(),
                       [](const auto& band) { return band.wavelength_nm.has_value(); });
}

bool scene_has_wavelengths(std::span<const BandInfo> bands) {
    return std::any_of(bands.begin(), bands.end(),
                       [](const auto& band) { return band.wavelength_nm && !band.bad; });
}

[[noreturn]] void refuse_counts(const MatchInput& input) {
    const auto good =
        std::count_if(input.bands.begin(), input.bands.end(), [](const auto& band) { return !band.bad; });
    throw Error(
        Code::scene,
        fmt::format(
            "{}: {} bands ({} not marked bad), but model '{}' expects {} by position; choose them with "
            "-b or scene: {{bands: [...]}}",
            input.scene, input.bands.size(), good, input.model_name(), input.card.bands.size()));
}

[[noreturn]] void refuse_names(const MatchInput& input) {
    std::string missing;
    for (const auto& band : input.card.bands) {
        const bool found = std::any_of(input.bands.begin(), input.bands.end(),
                                       [&](const auto& source) { return source.name == band.name; });
        if (!found) {
            missing = band.name;
            break;
        }
    }
    throw Error(Code::scene,
                fmt::format("{}: no band is called '{}', which model '{}' expects by name; name the scene's "
                            "bands or correct the card's matching",
                            input.scene, missing, input.model_name()));
}

BandMatch match_unknown(const MatchInput& input, bool card_known) {
    if (auto found = match_names(input)) return *found;
    if (!card_known) {
        if (auto found = match_positions(input)) return *found;
        refuse_counts(input);
    }
    throw Error(Code::scene,
                fmt::format("{}: the bands have no wavelengths and not all names that model '{}' expects; "
                            "give scene: {{wavelengths: FILE}}",
                            input.scene, input.model_name()));
}

}  // namespace

std::vector<int> BandMatch::sources() const {
    std::vector<int> list;
    if (resampled()) return list;
    for (const auto& row : rows) list.push_back(row.source);
    return list;
}

double tolerance_of(const ModelCard& card, std::size_t band) {
    if (card.matching.tolerance_nm > 0) return card.matching.tolerance_nm;
    double spacing = INFINITY;
    for (std::size_t other = 0; other < card.bands.size(); ++other)
        if (other != band && card.bands[other].wavelength_nm)
            spacing = std::min(spacing,
                               std::abs(*card.bands[other].wavelength_nm - *card.bands[band].wavelength_nm));
    return std::isfinite(spacing) ? std::max(1.0, spacing / 2) : 1.0;
}

std::string label_of(const ModelCard& card, std::size_t band) {
    const auto& expected = card.bands[band];
    const std::string name =
        expected.name.empty() ? fmt::format("band {}", band + 1) : "'" + expected.name + "'";
    return expected.wavelength_nm ? fmt::format("{} ({} nm)", name, *expected.wavelength_nm) : name;
}

BandMatchRow row_of(const MatchInput& input, std::size_t model_band, int source) {
    const auto& expected = input.card.bands[model_band];
    const auto& found = input.bands[static_cast<std::size_t>(source)];
    BandMatchRow row{expected.name, expected.wavelength_nm, source, found.wavelength_nm, 0};
    if (expected.wavelength_nm && found.wavelength_nm)
        row.residual_nm = std::abs(*found.wavelength_nm - *expected.wavelength_nm);
    return row;
}

bool matches_by_position(const std::string& scene, std::span<const BandInfo> bands, const ModelCard& card) {
    if (card.bands.empty() || card.matching.by == "position") return true;
    if (card.matching.by == "name" || (scene_has_wavelengths(bands) && card_has_wavelengths(card)))
        return false;
    return !match_names({scene, bands, card}).has_value();
}

BandMatch match_bands(const std::string& scene, std::span<const BandInfo> bands, const ModelCard& card) {
    const MatchInput input{scene, bands, card};
    if (card.matching.by == "position") {
        if (auto found = match_positions(input)) return *found;
        refuse_counts(input);
    }
    if (card.matching.by == "name") {
        if (auto found = match_names(input)) return *found;
        refuse_names(input);
    }
    const bool card_known = card_has_wavelengths(card);
    if (!card_known || !scene_has_wavelengths(bands)) return match_unknown(input, card_known);
    return match_wavelengths(input);
}

BandMatch match_two_dates(const std::string& scene, std::span<const BandInfo> bands, const ModelCard& card) {
    if (bands.size() % 2 != 0 || card.bands.size() % 2 != 0)
        throw Error(Code::scene, fmt::format("{}: two dates have {} bands, and model '{}' expects {}; both "
                                             "must be even",
                                             scene, bands.size(), card.name, card.bands.size()));
    const std::size_t own = card.bands.size() / 2, found = bands.size() / 2;
    BandMatch all;
    for (std::size_t date = 0; date < 2; ++date) {
        ModelCard half = card;
        const auto begin = card.bands.begin() + static_cast<std::ptrdiff_t>(date * own);
        half.bands.assign(begin, begin + static_cast<std::ptrdiff_t>(own));
        BandMatch match = match_bands(scene, bands.subspan(date * found, found), half);
        const int shift = static_cast<int>(date * found);
        for (auto& row : match.rows) row.source += row.source < 0 ? 0 : shift;
        for (auto& mix : match.mixes)
            for (int& source : mix.sources) source += shift;
        all.how = match.how;
        all.rows.insert(all.rows.end(), match.rows.begin(), match.rows.end());
        all.mixes.insert(all.mixes.end(), match.mixes.begin(), match.mixes.end());
        all.warnings.insert(all.warnings.end(), match.warnings.begin(), match.warnings.end());
    }
    return all;
}

}  // namespace spectile::prepare
