#pragma once

#include <vector>

#include "models/entries/spectral_mamba_config.hpp"
#include "models/native/weight_check.hpp"

namespace spectile::native {

/// Every tensor of the network in the order of the specification's section 3.
std::vector<WeightSpec> spectral_mamba_layout(const entries::SpectralMambaConfig& config);

}  // namespace spectile::native
