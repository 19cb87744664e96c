#pragma once

#include <memory>

#include "kernels/dense_head.hpp"
#include "models/networks/spectral_gpt/network.hpp"

namespace spectile::networks::gpt {

/// The dense head's layers, packed for the kernels that run them on whole scenes; null for a network without
/// one. Layers that follow each other without anything between them become one, multiplied in double.
std::shared_ptr<const kernels::DenseHead> pack_head(SpectralGpt& network);

}  // namespace spectile::networks::gpt
