#include "kernels/cuda_launchers.hpp"
#include "kernels/device/scan_launch.cuh"
#include "kernels/device/ss2d_merge.cuh"

namespace spectile::kernels {

const char* cuda_ss2d_scans(const device::FourDirections& directions, float* scans, void* stream) {
    const device::ScanSizes& sizes = directions.sizes;
    if (sizes.states != device::kStates) return "the CUDA version of SS2D has 16 states; use --device cpu";
    return device::launch_scan(directions, {scans, sizes.length * sizes.channels, sizes.channels, 1}, nullptr,
                               nullptr, stream);
}

const char* cuda_ss2d_merge(const Ss2dMergeCall& call, void* stream) {
    if (call.channels > device::Ss2dMerge::kMostChannels)
        return "the CUDA version of SS2D has 512 channels at most; use --device cpu";
    const device::Ss2dMerge kernel{call.scans,  call.z,      call.z_pitch,  call.weight, call.bias,
                                   call.images, call.length, call.channels, call.out};
    return device::launch(kernel, kernel.blocks(), stream);
}

}  // namespace spectile::kernels
