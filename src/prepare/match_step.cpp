#include "prepare/match_step.hpp"

#include <fmt/format.h>

namespace spectile::prepare {

std::vector<BandInfo> MatchStep::bind(std::vector<BandInfo> bands) {
    std::vector<BandInfo> result;
    for (const auto& row : match_.rows) {
        if (row.source >= 0) {
            result.push_back(bands[static_cast<std::size_t>(row.source)]);
            continue;
        }
        auto& band = result.emplace_back();
        band.name = row.model_band;
        band.wavelength_nm = row.model_nm;
        band.unit = bands.front().unit;
    }
    return result;
}

void MatchStep::apply(Cube& cube) const {
    if (match_.resampled())
        mix_bands(match_.mixes, cube);
    else
        keep_bands(sources_, cube);
}

std::string MatchStep::describe() const {
    if (match_.resampled())
        return fmt::format("match: {} bands by {} resampling", match_.rows.size(), match_.how);
    return fmt::format("match: {} bands by {}", match_.rows.size(), match_.how);
}

}  // namespace spectile::prepare
