#include "prepare/selection.hpp"

#include "prepare/band_mix.hpp"

namespace spectile::prepare {

std::vector<BandInfo> Selection::bind(std::vector<BandInfo> bands) {
    chosen_ = choose(bands);
    std::vector<BandInfo> kept;
    for (const int band : chosen_) kept.push_back(bands[static_cast<std::size_t>(band)]);
    return kept;
}

void Selection::apply(Cube& cube) const { keep_bands(chosen_, cube); }

}  // namespace spectile::prepare
