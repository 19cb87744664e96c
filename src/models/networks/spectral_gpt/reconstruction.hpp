#pragma once

#include "models/entries/spectral_gpt_config.hpp"
#include "models/networks/spectral_gpt/masking.hpp"
#include "models/networks/spectral_gpt/pass.hpp"

namespace spectile::networks::gpt {

/// The masked autoencoder: encodes the visible tokens and predicts the values of all,
/// [batch, tokens, token values].
///
/// Source   Hong et al., arXiv 2311.07113, section III; He et al., 2022, for the decoder.
at::Tensor reconstruct(const Pass& pass, const entries::SpectralGptConfig& config, const at::Tensor& image,
                       const Masking& masking);

}  // namespace spectile::networks::gpt
