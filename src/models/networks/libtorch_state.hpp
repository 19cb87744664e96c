#pragma once

#include <string>

namespace spectile::networks {

/// One thread per caller, in LibTorch and in its BLAS: the program's own pool has the cores. Does its work
/// once.
void quiet_libtorch();

/// LibTorch's version, vector level, oneDNN, BLAS and the kernels' target, as a JSON object with sorted keys.
std::string describe_libtorch();

}  // namespace spectile::networks
