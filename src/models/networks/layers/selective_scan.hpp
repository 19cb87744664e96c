#pragma once

#include <ATen/core/Tensor.h>

namespace spectile::networks {

/// The inputs of a selective scan (S6) as tensors. `D`, `z` and `delta_bias` may be undefined.
///
/// Shapes   u, delta, z: [batch, channels, length]; A: [channels, states]; B, C: [batch, states, length];
///          D, delta_bias: [channels].
/// Source   Gu and Dao, "Mamba", 2023, algorithm 2; B enters as delta*B (Euler).
struct ScanInput {
    at::Tensor u, delta, A, B, C, D, z, delta_bias;
    bool delta_softplus = false;
};

/// y: [batch, channels, length]; last_state: [batch, channels, states].
struct ScanOutput {
    at::Tensor y, last_state;
};

/// The scan as a plain composition of LibTorch's own operators: any float type and device, differentiable.
/// Slow, and holds every state at once; the yardstick for the kernel and the fallback where the kernel does
/// not serve.
ScanOutput selective_scan_reference(const ScanInput& input);

/// The scan by the project's kernels, for float32 on the CPU and, in builds with them, on a CUDA device;
/// anything else goes to the reference. Of inputs in half precision float32 is made first.
///
/// Differentiable in every input; `last_state` is not. Splits the batch over LibTorch's intra-op threads,
/// without change to a byte of the result.
ScanOutput selective_scan(const ScanInput& input);

}  // namespace spectile::networks
