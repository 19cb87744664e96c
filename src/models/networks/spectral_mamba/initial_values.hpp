#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>

#include "models/entries/spectral_mamba_config.hpp"

namespace spectile::networks {

/// Every tensor of the network by name, float32, drawn from `seed` alone: the same on every machine and
/// LibTorch.
///
/// Source   A_log, D and dt: Gu and Dao, "Mamba", 2023; all else as LibTorch's linear and convolution layers
/// begin.
std::map<std::string, at::Tensor> spectral_mamba_initial_values(const entries::SpectralMambaConfig& config,
                                                                std::uint64_t seed);

}  // namespace spectile::networks
