#include "kernels/cuda_launchers.hpp"
#include "kernels/device/host_grid.hpp"
#include "kernels/device/scan_backward.cuh"
#include "kernels/device/scan_forward.cuh"
#include "kernels/device/ss2d_backward.cuh"

// The scans' launchers for tests without a device: the same shapes and the same bodies, run on the CPU at
// once. Stands in for selective_scan.cu and ss2d.cu, so that what calls the launchers is tested too.

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
    ScanBackward<PlainScan, Shape> kernel{scan, grad_y, checkpoints, {}};
    float* c = gradients.parts + scan.sizes.samples * kernel.groups() * scan.sizes.states * scan.sizes.length;
    kernel.out = {gradients.u, gradients.delta,      gradients.z,     gradients.A,
                  gradients.D, gradients.delta_bias, gradients.parts, c};
    run_on_host(kernel, kernel.blocks(), Order::shuffled);
    const SumParts b_sum{gradients.parts, scan.sizes, kernel.groups(), gradients.B};
    const SumParts c_sum{c, scan.sizes, kernel.groups(), gradients.C};
    run_on_host(b_sum, b_sum.blocks());
    run_on_host(c_sum, c_sum.blocks());
}

/// Of kernels whose number of blocks is theirs to say.
template <class Kernel>
void run(const Kernel& kernel) {
    run_on_host(kernel, kernel.blocks(), Order::shuffled);
}

std::int64_t map_floats(const ScanSizes& sizes) { return sizes.samples * sizes.length * sizes.channels; }

template <class Shape>
void directions_forward(const FourDirections& directions, float* scans, float* checkpoints) {
    const ScanSizes& sizes = directions.sizes;
    run(ScanForward<FourDirections, Shape>{directions,
                                           {scans, sizes.length * sizes.channels, sizes.channels, 1},
                                           nullptr,
                                           checkpoints,
                                           checkpoint_period(sizes.length)});
}

template <class Shape>
void directions_backward(const FourDirections& directions, const float* grad_y, const float* checkpoints,
                         const CudaSs2dGradients& out) {
    const ScanSizes& sizes = directions.sizes;
    const std::int64_t plane = sizes.length * sizes.channels;
    ScanBackward<FourDirections, Shape> scan{directions, {grad_y, plane, sizes.channels, 1}, checkpoints, {}};
    float *u = out.scratch, *delta = u + map_floats(sizes), *b = delta + map_floats(sizes),
          *c = b + sizes.samples * scan.groups() * kStates * sizes.length;
    scan.out = {{u, plane, sizes.channels, 1},
                {delta, plane, sizes.channels, 1},
                {},
                out.A,
                out.D,
                out.dt_bias,
                b,
                c};
    run(scan);
    run(SumDirections{u, sizes.samples / 4, plane, out.x});
    run(ProjectedGradients{directions, delta, b, c, scan.groups(), out.projected});
    run(StepWeightRows{directions, delta, out.dt_weight});
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

const char* cuda_ss2d_sum(const FourDirections& directions, float* scans, float* checkpoints, float* y,
                          void*) {
    const ScanSizes& sizes = directions.sizes;
    if (sizes.length <= kShortSequence)
        directions_forward<ShortScan>(directions, scans, checkpoints);
    else
        directions_forward<WideScan>(directions, scans, checkpoints);
    run(SumDirections{scans, sizes.samples / 4, sizes.length * sizes.channels, y});
    return nullptr;
}

std::int64_t ss2d_weight_pieces(const ScanSizes& sizes) { return StepWeightRows::pieces(sizes.length); }

std::int64_t ss2d_scratch_floats(const ScanSizes& sizes) {
    return 2 * map_floats(sizes) + scan_parts_floats(sizes);
}

const char* cuda_ss2d_backward(const FourDirections& directions, const float* grad_y,
                               const float* checkpoints, const CudaSs2dGradients& gradients, void*) {
    if (directions.sizes.length <= kShortSequence)
        directions_backward<ShortScan>(directions, grad_y, checkpoints, gradients);
    else
        directions_backward<LongScanBackward>(directions, grad_y, checkpoints, gradients);
    return nullptr;
}

}  // namespace spectile::kernels
