#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>

#include "models/entries/mim_istd_config.hpp"

namespace spectile::networks {

/// Every tensor of the network by name, float32, drawn from `seed` alone: the same on every machine and
/// LibTorch.
std::map<std::string, at::Tensor> mim_istd_initial_values(const entries::MimIstdConfig& config,
                                                          std::uint64_t seed);

}  // namespace spectile::networks
