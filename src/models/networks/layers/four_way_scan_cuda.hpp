#pragma once

#include "models/networks/layers/four_way_scan.hpp"

namespace spectile::networks {

/// The four-way scan by the CUDA kernels, for float32 tensors that all lie where the launchers run: on one
/// CUDA device, on its default stream. Differentiable in every input.
///
/// Throws std::runtime_error with CUDA's words where a launch is refused. Tests link launchers that run the
/// kernel bodies on the CPU, and CPU tensors.
at::Tensor four_way_scan_cuda(const FourWayInput& input);

}  // namespace spectile::networks
