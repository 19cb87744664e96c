#pragma once

#include <string>

namespace spectile::kernels {

/// The CUDA toolkit and the architectures that this build's kernels were compiled for, in one line; empty in
/// a build without them.
std::string cuda_build();

}  // namespace spectile::kernels
