#include "kernels/cuda_launchers.hpp"
#include "kernels/device/blend.cuh"
#include "kernels/device/block_device.cuh"

namespace spectile::kernels {

const char* cuda_blend_tile(const BlendCall& call, void* stream) {
    const auto window = [](const std::int64_t(&w)[4]) { return device::TileWindow{w[0], w[1], w[2], w[3]}; };
    const device::BlendTile kernel{call.values,       call.valid,          call.channels, call.halo,
                                   window(call.keep), window(call.padded), call.width,    call.height,
                                   call.sums,         call.weights};
    return device::launch(kernel, kernel.blocks(), stream);
}

const char* cuda_blend_finish(float* sums, const float* weights, std::uint8_t* valid, int channels,
                              std::int64_t pixels, void* stream) {
    const device::BlendFinish kernel{sums, weights, valid, channels, pixels};
    return device::launch(kernel, kernel.blocks(), stream);
}

}  // namespace spectile::kernels
