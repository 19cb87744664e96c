#pragma once

#include "models/networks/layers/selective_scan.hpp"

namespace spectile::networks {

/// The scan by the CUDA kernels, for float32 tensors that all lie where the launchers run: on one CUDA
/// device, on LibTorch's current stream. 16 states at most. Any strides; differentiable in every input;
/// `last_state` is not.
///
/// Throws std::runtime_error with CUDA's words where a launch is refused. Tests link launchers that run the
/// kernel bodies on the CPU, and CPU tensors.
ScanOutput selective_scan_cuda(const ScanInput& input);

}  // namespace spectile::networks
