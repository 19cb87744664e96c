#pragma once

#include "models/entries/spectral_gpt_config.hpp"
#include "models/networks/spectral_gpt/pass.hpp"

namespace spectile::networks::gpt {

/// Scene classification: mean over the tokens (the published code leaves out the first, see `legacy_pool`),
/// norm, linear: logits [batch, classes].
at::Tensor classify(const Pass& pass, const entries::SpectralGptConfig& config, const at::Tensor& image);

}  // namespace spectile::networks::gpt
