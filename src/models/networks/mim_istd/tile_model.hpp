#pragma once

#include <memory>

#include "models/networks/mim_istd/network.hpp"
#include "spectile/model.hpp"

namespace spectile::networks {

/// The network for whole scenes, tile by tile: predictions are the logit of a target over the padded
/// window, one channel.
std::unique_ptr<Model> make_tile_model(std::shared_ptr<MimIstd> network);

/// The same by LibTorch's operators, on any device of LibTorch: what a CUDA device runs. Weights of large
/// products take the precision.
std::unique_ptr<Model> make_tile_model_on(const std::string& device, std::shared_ptr<MimIstd> network,
                                          Precision precision = Precision::float32);

}  // namespace spectile::networks
