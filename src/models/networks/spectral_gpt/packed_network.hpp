#pragma once

#include "models/networks/spectral_gpt/network.hpp"
#include "models/networks/spectral_gpt/pass.hpp"

namespace spectile::networks::gpt {

/// The encoder and what stands behind it, copied for the kernels that run them on whole scenes. The precision
/// is the encoder's.
PackedNetwork pack_network(SpectralGpt& network, Precision precision = Precision::float32);

}  // namespace spectile::networks::gpt
