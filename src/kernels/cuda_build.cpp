#include "kernels/cuda_build.hpp"

namespace spectile::kernels {

std::string cuda_build() {
#if defined(SPECTILE_CUDA_BUILD)
    return SPECTILE_CUDA_BUILD;
#else
    return {};
#endif
}

}  // namespace spectile::kernels
