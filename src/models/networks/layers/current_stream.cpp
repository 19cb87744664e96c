#include "models/networks/layers/current_stream.hpp"

#ifdef SPECTILE_LIBTORCH_CUDA
#include <c10/cuda/CUDAStream.h>
#endif

namespace spectile::networks {

void* current_stream([[maybe_unused]] const c10::Device& device) {
#ifdef SPECTILE_LIBTORCH_CUDA
    if (device.is_cuda()) return c10::cuda::getCurrentCUDAStream(device.index()).stream();
#endif
    return nullptr;
}

}  // namespace spectile::networks
