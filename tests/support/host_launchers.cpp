#include "kernels/cuda_launchers.hpp"
#include "kernels/device/host_grid.hpp"
#include "kernels/device/scan_backward.cuh"
#include "kernels/device/scan_forward.cuh"

// The scan's launchers for tests without a device: the same shapes and the same bodies, run on the CPU at
// once. Stands in for selective_scan.cu, so that what calls the launchers is tested too.

namespace spectile::kernels {
namespace {

using namespace device;

template <class Shape>
void forward_as(const PlainScan& scan, const Output& y, const ScanExtras& extras) {
    const ScanForward<PlainScan, Shape> kernel{scan, y, extras.last_state, extras.checkpoints,
                                               checkpoint_period(scan.sizes.length)};
    run_on_host(kernel, kernel.blocks(), Order::shuffled);
}

template <class Shape>
void backward_as(const PlainScan& scan, const Input& grad_y, const float* checkpoints,
                 const CudaScanGradients& gradients) {
    ScanBackward<Shape> kernel{scan, grad_y, checkpoints, {}};
    float* c = gradients.parts + scan.sizes.samples * kernel.groups() * scan.sizes.states * scan.sizes.length;
    kernel.out = {gradients.u, gradients.delta,      gradients.z,     gradients.A,
                  gradients.D, gradients.delta_bias, gradients.parts, c};
    run_on_host(kernel, kernel.blocks(), Order::shuffled);
    const SumParts b_sum{gradients.parts, scan.sizes, kernel.groups(), gradients.B};
    const SumParts c_sum{c, scan.sizes, kernel.groups(), gradients.C};
    run_on_host(b_sum, b_sum.blocks());
    run_on_host(c_sum, c_sum.blocks());
}

}  // namespace

std::int64_t scan_checkpoint_floats(const ScanSizes& sizes) {
    return sizes.samples * blocks_for(sizes.length, checkpoint_period(sizes.length)) * kStates *
           sizes.channels;
}

std::int64_t scan_parts_floats(const ScanSizes& sizes) {
    const int channels = sizes.length <= kShortSequence ? ShortScan::kChannels : LongScanBackward::kChannels;
    return 2 * sizes.samples * blocks_for(sizes.channels, channels) * sizes.states * sizes.length;
}

const char* cuda_selective_scan_forward(const PlainScan& scan, const Output& y, const ScanExtras& extras,
                                        void*) {
    if (scan.sizes.states > kStates) return "16 states at most";
    if (scan.sizes.length <= kShortSequence)
        forward_as<ShortScan>(scan, y, extras);
    else
        forward_as<LongScan>(scan, y, extras);
    return nullptr;
}

const char* cuda_selective_scan_backward(const PlainScan& scan, const Input& grad_y, const float* checkpoints,
                                         const CudaScanGradients& gradients, void*) {
    if (scan.sizes.length <= kShortSequence)
        backward_as<ShortScan>(scan, grad_y, checkpoints, gradients);
    else
        backward_as<LongScanBackward>(scan, grad_y, checkpoints, gradients);
    return nullptr;
}

}  // namespace spectile::kernels
