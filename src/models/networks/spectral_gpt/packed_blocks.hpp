#pragma once

#include <memory>

#include "kernels/transformer.hpp"
#include "models/networks/spectral_gpt/network.hpp"
#include "spectile/model.hpp"

namespace spectile::networks::gpt {

/// The encoder's blocks, copied for the kernels that run them on whole scenes.
std::shared_ptr<const kernels::Transformer> pack_blocks(SpectralGpt& network, Precision precision);

}  // namespace spectile::networks::gpt
