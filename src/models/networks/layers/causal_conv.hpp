#pragma once

#include <ATen/core/Tensor.h>

namespace spectile::networks {

/// Mamba's convolution before the scan, on tokens [batch, length, channels] (a part of wider ones will do),
/// by the project's own kernel, forward and backward. weight: [channels, 1, taps] as at::conv1d takes it;
/// bias: [channels]. float32 on the CPU.
at::Tensor causal_conv(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

}  // namespace spectile::networks
