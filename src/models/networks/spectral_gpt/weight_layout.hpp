#pragma once

#include <string>
#include <vector>

#include "models/entries/spectral_gpt_config.hpp"
#include "models/networks/layers/initial_values.hpp"

namespace spectile::networks {

/// Every tensor of the network for the configured task, under the published names and in the published order,
/// with what it begins with. A `pos_embed` that is `auto` counts as separable.
std::vector<LayoutTensor> spectral_gpt_layout(const entries::SpectralGptConfig& config);

}  // namespace spectile::networks
