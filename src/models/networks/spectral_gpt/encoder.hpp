#pragma once

#include "models/entries/spectral_gpt_config.hpp"
#include "models/networks/spectral_gpt/pass.hpp"

namespace spectile::networks::gpt {

/// An image as tokens of its own values: [batch, bands, side, side] to [batch, tokens, token values]. The
/// spectral group is the slowest index of the tokens, then row and column; within one, bands, rows, columns.
at::Tensor patchify(const entries::SpectralGptConfig& config, const at::Tensor& image);

/// The inverse of patchify.
at::Tensor unpatchify(const entries::SpectralGptConfig& config, const at::Tensor& tokens);

/// Positions [1, tokens, width] under `prefix`: the full table where the weights have one, else the sum of
/// the separable ones.
at::Tensor positions(const Pass& pass, const std::string& prefix = {});

/// The image as embedded tokens with their positions: [batch, tokens, embed].
at::Tensor embed(const Pass& pass, const entries::SpectralGptConfig& config, const at::Tensor& image);

/// Embedding and every block, without a norm at the end: [batch, tokens, embed].
///
/// Source   Hong et al., arXiv 2311.07113, section III.
at::Tensor encode(const Pass& pass, const entries::SpectralGptConfig& config, const at::Tensor& image);

}  // namespace spectile::networks::gpt
