#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/native/weight_check.hpp"
#include "models/networks/network.hpp"
#include "weights/safetensors.hpp"

namespace spectile::networks {

using native::read_verified;
using native::require_weights;
using native::WeightSpec;

/// Copies the file's tensors into the network, which must have exactly these. Throws as `require_weights`.
void copy_weights(const weights::SafeTensors& file, Network& network);

/// Writes the network's tensors as float32, sorted by name. Throws Error{Code::write}.
void save_weights(const std::string& path, Network& network,
                  const std::map<std::string, std::string>& metadata);

}  // namespace spectile::networks
