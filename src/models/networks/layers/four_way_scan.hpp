#pragma once

#include <ATen/core/Tensor.h>

namespace spectile::networks {

/// The four-way scan by the project's kernels: float32 on the CPU and, in builds with them, on a CUDA device;
/// differentiable in every input. Of inputs in half precision float32 is made first.
///
/// Shapes   u: [batch, rows * cols, channels]; projected: [batch, rows * cols, 4, rank + 32]; dt_weight:
///          [4, channels, rank]; dt_bias: [4, channels]; A: [4 * channels, 16], negative; D: [4 * channels].
struct FourWayInput {
    at::Tensor u, projected, dt_weight, dt_bias, A, D;
    std::int64_t rows = 0, cols = 0;
};

/// [batch, rows * cols, channels]. Splits the work over LibTorch's intra-op threads, without change to a
/// byte.
at::Tensor four_way_scan(const FourWayInput& input);

/// Whether there is a kernel for a tensor of this type where it lies.
bool has_four_way_scan(const at::Tensor& u);

/// A depthwise 3x3 convolution over channels-last images [batch, rows, cols, channels] by the project's
/// kernel, with weight [channels, 1, 3, 3] and bias; float32 on the CPU, differentiable in all three.
at::Tensor depthwise_channels_last(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

/// SiLU of the same over the first half of the channels of x: [batch, rows * cols, 2 * channels], which gives
/// [batch, rows * cols, channels]. Not differentiable.
at::Tensor depthwise_silu(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                          std::int64_t rows);

/// norm(y) * SiLU(z), z being the second half of the channels of `both`, written to y, [batch, tokens,
/// channels], which is given back. Not differentiable.
at::Tensor gate_and_norm(const at::Tensor& y, const at::Tensor& both, const at::Tensor& weight,
                         const at::Tensor& bias);

}  // namespace spectile::networks
