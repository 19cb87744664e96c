#pragma once

#include <array>

#include "models/entries/mim_istd_config.hpp"
#include "models/networks/mim_istd/pass.hpp"

namespace spectile::networks::mim {

/// Stage i's sentences at twice their resolution: [batch, width, 2 side, 2 side].
using Skips = std::array<at::Tensor, entries::MimIstdConfig::kStages>;

/// x: [batch, channels, n, n]. Stem, four stages of blocks, merges between them, an up-sampling module after
/// each.
Skips encode(const Pass& pass, const entries::MimIstdConfig& config, const at::Tensor& x);

}  // namespace spectile::networks::mim
