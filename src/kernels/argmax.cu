#include "kernels/cuda_launchers.hpp"
#include "kernels/device/argmax.cuh"
#include "kernels/device/block_device.cuh"

namespace spectile::kernels {

const char* cuda_argmax_channels(const float* values, std::int64_t channels, std::int64_t pixels,
                                 std::int32_t* index, void* stream) {
    const device::ArgmaxChannels kernel{values, channels, pixels, index};
    return device::launch(kernel, kernel.blocks(), stream);
}

}  // namespace spectile::kernels
