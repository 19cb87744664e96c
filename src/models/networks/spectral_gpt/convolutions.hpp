#pragma once

#include "models/networks/spectral_gpt/pass.hpp"

// Convolutions over [batch, channels, rows, cols] that are plain matrix products, each reading its weights
// under the pass's prefix.

namespace spectile::networks::gpt {

/// A 1x1 convolution by `weight` [out, in] or [out, in, 1, 1] without a bias.
at::Tensor mix_channels(const at::Tensor& weight, const at::Tensor& x);

/// A 1x1 convolution with a bias.
at::Tensor conv1x1(const Pass& pass, const at::Tensor& x);

/// A transposed convolution whose stride is its kernel: every pixel becomes a square of its own.
at::Tensor enlarge(const Pass& pass, const at::Tensor& x);

/// 1x1 convolution `0`, group normalisation `1` (epsilon 1e-5), GELU.
at::Tensor conv_norm_gelu(const Pass& pass, const at::Tensor& x, std::int64_t groups);

/// Group normalisation `1` and GELU alone.
at::Tensor norm_gelu(const Pass& pass, const at::Tensor& x, std::int64_t groups);

/// Bilinear, corner on corner, to a square of `side`.
at::Tensor resize(const at::Tensor& x, std::int64_t side);

}  // namespace spectile::networks::gpt
