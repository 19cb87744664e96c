#pragma once

#include "models/networks/mim_istd/planes_by_kernel.hpp"

// The small layers that MiM-ISTD is made of, each reading its weights under the pass's prefix.

namespace spectile::networks::mim {

/// Over the last axes, as many features as there are weights; epsilon 1e-5.
at::Tensor layer_norm(const Pass& pass, const at::Tensor& x);

/// Over the channels of [batch, channels, rows, cols]. In training: by the batch's own statistics, and the
/// running ones move by a tenth, the variance unbiased.
at::Tensor batch_norm(const Pass& pass, const at::Tensor& x);

/// A convolution with `weight` and, where the weights have one, `bias`. Padding keeps the size at stride 1.
at::Tensor conv(const Pass& pass, const at::Tensor& x, std::int64_t stride = 1);

/// activation(batch_norm(conv(x, stride)) + added), with the passes of the convolution and the normalisation.
at::Tensor conv_norm(const Pass& conv, const Pass& norm, const at::Tensor& x, const After& after);

/// A depthwise 3x3 convolution, zeros beyond the border.
at::Tensor depthwise(const Pass& pass, const at::Tensor& x);

/// x: [batch, channels, rows, cols]. 1x1 convolution to twice the channels, depthwise 3x3 with a shortcut,
/// 1x1 back; each with GELU before its batch normalisation but the last, which has no GELU.
at::Tensor conv_mlp(const Pass& pass, const at::Tensor& x);

}  // namespace spectile::networks::mim
