#include "kernels/cuda_launchers.hpp"
#include "kernels/device/scan_backward.cuh"
#include "kernels/device/scan_launch.cuh"
#include "kernels/device/ss2d_backward.cuh"
#include "kernels/device/ss2d_merge.cuh"

namespace spectile::kernels {
namespace {

using namespace device;

constexpr const char* kRefusal = "the CUDA version of SS2D has 16 states; use --device cpu";

/// Maps [samples, length, channels] one after the other.
template <class Float>
Strided<Float> maps_of(const ScanSizes& sizes, Float* data) {
    return {data, sizes.length * sizes.channels, sizes.channels, 1};
}

std::int64_t map_floats(const ScanSizes& sizes) { return sizes.samples * sizes.length * sizes.channels; }

/// The scans of every direction, then what they share. Scratch: u and delta of each direction, parts of B and
/// C.
template <class Shape>
const char* launch_backward(const FourDirections& directions, const float* grad_y, const float* checkpoints,
                            const CudaSs2dGradients& out, void* stream) {
    const ScanSizes& sizes = directions.sizes;
    ScanBackward<FourDirections, Shape> scan{directions, maps_of(sizes, grad_y), checkpoints, {}};
    float* u = out.scratch;
    float* delta = u + map_floats(sizes);
    float* b = delta + map_floats(sizes);
    float* c = b + sizes.samples * scan.groups() * kStates * sizes.length;
    scan.out = {maps_of(sizes, u), maps_of(sizes, delta), {}, out.A, out.D, out.dt_bias, b, c};
    if (const char* fault = launch(scan, scan.blocks(), stream)) return fault;
    const SumDirections sum{u, sizes.samples / 4, sizes.length * sizes.channels, out.x};
    if (const char* fault = launch(sum, sum.blocks(), stream)) return fault;
    const ProjectedGradients projected{directions, delta, b, c, scan.groups(), out.projected};
    if (const char* fault = launch(projected, projected.blocks(), stream)) return fault;
    const StepWeightRows weights{directions, delta, out.dt_weight};
    return launch(weights, weights.blocks(), stream);
}

}  // namespace

const char* cuda_ss2d_scans(const FourDirections& directions, float* scans, void* stream) {
    if (directions.sizes.states != kStates) return kRefusal;
    return launch_scan(directions, maps_of(directions.sizes, scans), nullptr, nullptr, stream);
}

const char* cuda_ss2d_sum(const FourDirections& directions, float* scans, float* checkpoints, float* y,
                          void* stream) {
    const ScanSizes& sizes = directions.sizes;
    if (sizes.states != kStates) return kRefusal;
    if (const char* fault = launch_scan(directions, maps_of(sizes, scans), nullptr, checkpoints, stream))
        return fault;
    const SumDirections sum{scans, sizes.samples / 4, sizes.length * sizes.channels, y};
    return launch(sum, sum.blocks(), stream);
}

std::int64_t ss2d_weight_pieces(const ScanSizes& sizes) { return StepWeightRows::pieces(sizes.length); }

std::int64_t ss2d_scratch_floats(const ScanSizes& sizes) {
    return 2 * map_floats(sizes) + scan_parts_floats(sizes);
}

const char* cuda_ss2d_backward(const FourDirections& directions, const float* grad_y,
                               const float* checkpoints, const CudaSs2dGradients& gradients, void* stream) {
    if (directions.sizes.states != kStates) return kRefusal;
    return directions.sizes.length <= kShortSequence
               ? launch_backward<ShortScan>(directions, grad_y, checkpoints, gradients, stream)
               : launch_backward<LongScanBackward>(directions, grad_y, checkpoints, gradients, stream);
}

const char* cuda_ss2d_merge(const Ss2dMergeCall& call, void* stream) {
    if (call.channels > Ss2dMerge::kMostChannels)
        return "the CUDA version of SS2D has 512 channels at most; use --device cpu";
    const Ss2dMerge kernel{call.scans,  call.z,      call.z_pitch,  call.weight, call.bias,
                           call.images, call.length, call.channels, call.out};
    return launch(kernel, kernel.blocks(), stream);
}

}  // namespace spectile::kernels
