#pragma once

#include <memory>

#include "models/networks/spectral_gpt/network.hpp"
#include "spectile/model.hpp"

namespace spectile::networks {

/// The network for whole scenes, tile by tile: a probability per class over the padded window. Of a
/// classification the tile's probabilities stand at each of its pixels. The encoder's weights are those of
/// this moment.
std::unique_ptr<Model> make_tile_model(std::shared_ptr<SpectralGpt> network,
                                       Precision precision = Precision::float32);

/// The same by LibTorch's operators, on any device of LibTorch: what a CUDA device runs. Weights of large
/// products take the precision.
std::unique_ptr<Model> make_tile_model_on(const std::string& device, std::shared_ptr<SpectralGpt> network,
                                          Precision precision = Precision::float32);

}  // namespace spectile::networks
