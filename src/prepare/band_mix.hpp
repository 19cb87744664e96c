#pragma once

#include <span>
#include <vector>

#include "spectile/cube.hpp"

namespace spectile::prepare {

/// One band computed from others: the sum of weight * source over `sources`, in this order.
struct BandMix {
    std::vector<int> sources;
    std::vector<float> weights;
};

/// Replaces the cube's bands by the mixes of them. Pixels do not meet, so windows do not matter.
void mix_bands(std::span<const BandMix> mixes, Cube& cube);

/// Replaces the cube's bands by `chosen` ones (from 0, any order, repeats allowed).
void keep_bands(std::span<const int> chosen, Cube& cube);

}  // namespace spectile::prepare
