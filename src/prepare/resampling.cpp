#include "prepare/resampling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <tuple>

namespace spectile::prepare {
namespace {

constexpr double kReach = 2.0;  // in FWHM; the Gaussian has fallen to 1.5e-5 there

struct Source {
    int band;
    double wavelength_nm;
    double width_nm;  ///< Half the distance between its two neighbours.
};

std::vector<Source> sources_of(std::span<const BandInfo> bands) {
    std::vector<Source> sources;
    for (const int band : spectral_order(bands))
        sources.push_back({band, *bands[static_cast<std::size_t>(band)].wavelength_nm, 0});
    const std::size_t count = sources.size();
    for (std::size_t i = 0; i < count && count > 1; ++i) {
        const double below = sources[i == 0 ? 0 : i - 1].wavelength_nm;
        const double above = sources[i + 1 == count ? i : i + 1].wavelength_nm;
        const bool at_end = i == 0 || i + 1 == count;
        sources[i].width_nm = (above - below) * (at_end ? 1.0 : 0.5);
    }
    return sources;
}

BandMix mix_of(const std::vector<std::pair<int, double>>& parts) {
    double sum = 0;
    for (const auto& [band, weight] : parts) sum += weight;
    BandMix mix;
    for (const auto& [band, weight] : parts) {
        if (weight == 0) continue;
        mix.sources.push_back(band);
        mix.weights.push_back(static_cast<float>(weight / sum));
    }
    return mix;
}

/// `above` is the first source at or beyond the target.
BandMix linear(const std::vector<Source>& sources, std::size_t above, double target) {
    const Source& b = sources[above];
    if (b.wavelength_nm == target || above == 0) return mix_of({{b.band, 1.0}});
    const Source& a = sources[above - 1];
    const double share = (target - a.wavelength_nm) / (b.wavelength_nm - a.wavelength_nm);
    return mix_of({{a.band, 1 - share}, {b.band, share}});
}

BandMix gaussian(const std::vector<Source>& sources, std::size_t above, const ResampleTarget& target) {
    const double reach = kReach * *target.fwhm_nm;
    const bool exact = sources[above].wavelength_nm == target.wavelength_nm;
    const bool both = above > 0 && sources[above].wavelength_nm - target.wavelength_nm <= reach &&
                      target.wavelength_nm - sources[above - 1].wavelength_nm <= reach;
    if (!exact && !both) return linear(sources, above, target.wavelength_nm);
    std::vector<std::pair<int, double>> parts;
    double total = 0;
    for (const auto& source : sources) {
        const double distance = source.wavelength_nm - target.wavelength_nm;
        if (std::abs(distance) > reach) continue;
        const double ratio = distance / *target.fwhm_nm;
        parts.emplace_back(source.band, std::exp(-4 * std::numbers::ln2 * ratio * ratio) * source.width_nm);
        total += parts.back().second;
    }
    return total > 0 ? mix_of(parts) : linear(sources, above, target.wavelength_nm);
}

}  // namespace

std::vector<int> spectral_order(std::span<const BandInfo> bands) {
    std::vector<int> order;
    for (std::size_t band = 0; band < bands.size(); ++band)
        if (!bands[band].bad && bands[band].wavelength_nm) order.push_back(static_cast<int>(band));
    const auto key = [&](int band) {
        const auto& info = bands[static_cast<std::size_t>(band)];
        return std::make_tuple(*info.wavelength_nm,
                               info.fwhm_nm.value_or(std::numeric_limits<double>::infinity()),
                               std::string_view(info.name), band);
    };
    std::sort(order.begin(), order.end(), [&](int a, int b) { return key(a) < key(b); });
    return order;
}

std::vector<BandMix> resampling_weights(std::span<const BandInfo> bands,
                                        std::span<const ResampleTarget> targets, const std::string& method,
                                        const std::function<void(const std::string&)>& refuse) {
    const auto sources = sources_of(bands);
    if (sources.empty())
        refuse("spectral resampling needs bands with wavelengths; give scene: {wavelengths: FILE}");
    std::vector<BandMix> mixes;
    for (const auto& target : targets) {
        const double low = sources.front().wavelength_nm, high = sources.back().wavelength_nm;
        if (target.wavelength_nm < low || target.wavelength_nm > high)
            refuse(fmt::format(
                "{} ({} nm) lies outside the {} to {} nm that the usable bands cover; resampling does not "
                "extrapolate",
                target.name, target.wavelength_nm, low, high));
        const auto above =
            std::lower_bound(sources.begin(), sources.end(), target.wavelength_nm,
                             [](const Source& source, double nm) { return source.wavelength_nm < nm; });
        const auto index = static_cast<std::size_t>(above - sources.begin());
        if (method == "gaussian" && !(target.fwhm_nm && *target.fwhm_nm > 0))
            refuse(fmt::format("{} ({} nm) has no FWHM, which gaussian resampling needs; use linear",
                               target.name, target.wavelength_nm));
        mixes.push_back(method == "gaussian" ? gaussian(sources, index, target)
                                             : linear(sources, index, target.wavelength_nm));
    }
    return mixes;
}

}  // namespace spectile::prepare
