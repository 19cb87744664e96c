#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "prepare/match_kinds.hpp"
#include "prepare/resampling.hpp"
#include "spectile/error.hpp"

namespace spectile::prepare {
namespace {

constexpr double kExact_nm = 1e-3;     // files write wavelengths with three decimals or fewer
constexpr double kWidthWeight = 1e-3;  // FWHM decides only between pairings of equal residuals
constexpr double kAlone = 1e9;         // cost of a model band without a band of its own

int number_of(const MatchInput& input, int source) {
    const int number = input.bands[static_cast<std::size_t>(source)].number;
    return number > 0 ? number : source + 1;
}

double residual(const MatchInput& input, std::size_t model_band, int source) {
    return std::abs(*input.bands[static_cast<std::size_t>(source)].wavelength_nm -
                    *input.card.bands[model_band].wavelength_nm);
}

/// Squared residual, so that among pairings of equal sums the one that keeps the order wins; less where
/// exact.
double cost(const MatchInput& input, std::size_t model_band, int source) {
    const double distance = residual(input, model_band, source);
    const double tolerance = tolerance_of(input.card, model_band);
    const auto& expected = input.card.bands[model_band].fwhm_nm;
    const auto& found = input.bands[static_cast<std::size_t>(source)].fwhm_nm;
    const double width = expected && found ? std::abs(*expected - *found) : 0.0;
    const bool exact = distance <= kExact_nm && width <= kExact_nm;
    return distance * distance + (exact ? 0.0 : tolerance * tolerance) + kWidthWeight * width * width;
}

/// Model bands by wavelength, then FWHM, then name.
std::vector<std::size_t> model_order(const ModelCard& card) {
    std::vector<std::size_t> order(card.bands.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    const auto key = [&](std::size_t band) {
        const auto& b = card.bands[band];
        return std::make_tuple(*b.wavelength_nm, b.fwhm_nm.value_or(INFINITY), std::string_view(b.name),
                               band);
    };
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return key(a) < key(b); });
    return order;
}

/// The cheapest pairing in rising order on both sides, by dynamic programming over (model bands, bands) done
/// so far. Returns per model band its source, or -1.
std::vector<int> pair_in_order(const MatchInput& input, const std::vector<int>& sources) {
    const auto models = model_order(input.card);
    const std::size_t m = models.size(), n = sources.size();
    std::vector<std::vector<double>> best(m + 1, std::vector<double>(n + 1, 0.0));
    enum class Move : char { skip_source, skip_model, pair };
    std::vector<std::vector<Move>> move(m + 1, std::vector<Move>(n + 1, Move::skip_source));
    for (std::size_t i = 1; i <= m; ++i) {
        const double tolerance = tolerance_of(input.card, models[i - 1]);
        for (std::size_t j = 0; j <= n; ++j) {
            best[i][j] = best[i - 1][j] + kAlone;
            move[i][j] = Move::skip_model;
            if (j == 0) continue;
            if (best[i][j - 1] <= best[i][j]) best[i][j] = best[i][j - 1], move[i][j] = Move::skip_source;
            if (residual(input, models[i - 1], sources[j - 1]) > tolerance) continue;
            const double paired = best[i - 1][j - 1] + cost(input, models[i - 1], sources[j - 1]);
            if (paired < best[i][j]) best[i][j] = paired, move[i][j] = Move::pair;
        }
    }
    std::vector<int> found(m, -1);
    for (std::size_t i = m, j = n; i > 0;) {
        if (move[i][j] == Move::pair)
            found[models[--i]] = sources[--j];
        else if (move[i][j] == Move::skip_model)
            --i;
        else
            --j;
    }
    return found;
}

int nearest(const MatchInput& input, std::size_t model_band, const std::vector<int>& sources) {
    int found = sources.front();
    for (const int source : sources)
        if (residual(input, model_band, source) < residual(input, model_band, found)) found = source;
    return found;
}

[[noreturn]] void refuse(const MatchInput& input, std::size_t model_band, int found) {
    throw Error(
        Code::scene,
        fmt::format(
            "{}: no band for {} of model '{}'; nearest is band {} at {} nm, {:.2f} nm away, tolerance {:.2f} "
            "nm; use matching: {{resample: linear}} or a larger tolerance_nm in the card, or another scene",
            input.scene, label_of(input.card, model_band), input.model_name(), number_of(input, found),
            *input.bands[static_cast<std::size_t>(found)].wavelength_nm, residual(input, model_band, found),
            tolerance_of(input.card, model_band)));
}

BandMatch match_nearest(const MatchInput& input, const std::vector<int>& sources) {
    BandMatch match;
    match.how = "wavelength";
    const auto found = pair_in_order(input, sources);
    for (std::size_t band = 0; band < found.size(); ++band) {
        int source = found[band];
        if (source < 0) {
            source = nearest(input, band, sources);
            if (residual(input, band, source) > tolerance_of(input.card, band)) refuse(input, band, source);
            match.warnings.push_back(fmt::format(
                "{}: band {} ({} nm) serves more than one band of model '{}', also {}", input.scene,
                number_of(input, source), *input.bands[static_cast<std::size_t>(source)].wavelength_nm,
                input.model_name(), label_of(input.card, band)));
        }
        match.rows.push_back(row_of(input, band, source));
    }
    return match;
}

BandMatch match_resampled(const MatchInput& input, const std::vector<int>& sources) {
    BandMatch match;
    match.how = input.card.matching.resample;
    std::vector<ResampleTarget> targets;
    for (std::size_t band = 0; band < input.card.bands.size(); ++band) {
        const auto& expected = input.card.bands[band];
        targets.push_back({label_of(input.card, band), *expected.wavelength_nm, expected.fwhm_nm});
        targets.back().name =
            expected.name.empty() ? fmt::format("band {}", band + 1) : "'" + expected.name + "'";
        BandMatchRow row = row_of(input, band, nearest(input, band, sources));
        row.source = -1;
        match.rows.push_back(row);
    }
    match.mixes = resampling_weights(input.bands, targets, match.how, [&](const std::string& what) {
        throw Error(Code::scene, fmt::format("{}: model '{}': {}", input.scene, input.model_name(), what));
    });
    return match;
}

}  // namespace

BandMatch match_wavelengths(const MatchInput& input) {
    const auto sources = spectral_order(input.bands);
    if (input.card.matching.resample != "none") return match_resampled(input, sources);
    return match_nearest(input, sources);
}

}  // namespace spectile::prepare
