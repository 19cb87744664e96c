#pragma once

#include <map>
#include <string>

#include "models/networks/mim_istd/network.hpp"
#include "spectile/module.hpp"
#include "weights/safetensors.hpp"

namespace spectile::networks {

/// What the network reads, and the keys of published files that it does not.
ExpectedWeights mim_istd_expected(const std::string& parameters);

/// Copies a file's tensors into the network by the rules for published checkpoints: `module.` in front of
/// every key is taken off; `relative_pos`, `mim_backbone.norm` and the counters of batch normalisations are
/// not read, whatever their shape, and may be absent; anything else has to fit exactly.
///
/// Throws Error{Code::model} naming every missing, unexpected and misshapen key, and where the file's
/// metadata hold the configuration of another layout.
void copy_mim_istd_weights(const weights::SafeTensors& file, MimIstd& network);

/// Writes the network with every entry of a published file, those that are never read as zeros of the shape
/// for 512 pixels, the counters as 0. Throws Error{Code::write}, and Error{Code::model} where the network has
/// no published form (layout spatial, or another inner half).
void save_for_exchange(const std::string& path, MimIstd& network);

}  // namespace spectile::networks
