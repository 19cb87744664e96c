#include "kernels/cuda_launchers.hpp"
#include "kernels/device/block_device.cuh"
#include "kernels/device/inner_ss2d.cuh"

namespace spectile::kernels {
namespace {

template <int kWidth>
const char* launch_as(const InnerSs2dCall& call, void* stream) {
    const device::InnerSs2d<kWidth> kernel{call.words, call.sentences, call.official, call.weights, call.out};
    return device::launch(kernel, kernel.blocks(), stream);
}

}  // namespace

const char* cuda_inner_ss2d(const InnerSs2dCall& call, void* stream) {
    switch (call.width) {
        case 4:
            return launch_as<4>(call, stream);
        case 8:
            return launch_as<8>(call, stream);
        case 16:
            return launch_as<16>(call, stream);
        case 32:
            return launch_as<32>(call, stream);
        default:
            return "the CUDA version of the inner SS2D has words of 4, 8, 16 or 32 channels; use --device "
                   "cpu";
    }
}

}  // namespace spectile::kernels
