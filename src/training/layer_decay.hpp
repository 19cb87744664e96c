#pragma once

#include <string>
#include <vector>

#include "models/networks/network.hpp"

namespace spectile::training {

/// Factor of the learning rate of one tensor of a transformer with `depth` blocks: decay^(depth + 1 - layer).
/// Layer 0 holds the patch embedding, `cls_token` and the full table of positions, layer k + 1 block k; all
/// else is of the last layer, whose factor is 1, the separable tables among it, as published.
///
/// Source   Bao et al., "BEiT", 2022, section 3; grouping: models/spectralgpt.md 6.1.
double rate_scale(const std::string& tensor, int depth, double decay);

/// The same for each of a network's trainable tensors, in their order.
std::vector<double> rate_scales(const std::vector<networks::NamedTensor>& tensors, int depth, double decay);

}  // namespace spectile::training
