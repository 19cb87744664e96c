#include "kernels/cuda_launchers.hpp"
#include "kernels/device/block_device.cuh"
#include "kernels/device/scan_backward.cuh"
#include "kernels/device/scan_forward.cuh"
#include "kernels/device/scan_launch.cuh"

namespace spectile::kernels {
namespace {

using namespace device;

const char* refusal(const PlainScan& scan) {
    return scan.sizes.states > kStates ? "the CUDA scan holds 16 states at most; use --device cpu" : nullptr;
}

template <class Shape>
const char* launch_backward(const PlainScan& scan, const Input& grad_y, const float* checkpoints,
                            const CudaScanGradients& gradients, void* stream) {
    ScanBackward<PlainScan, Shape> kernel{scan, grad_y, checkpoints, {}};
    const std::int64_t count = scan.sizes.samples * kernel.groups() * scan.sizes.states * scan.sizes.length;
    float* b = gradients.parts;
    float* c = b == nullptr ? nullptr : b + count;
    kernel.out = {gradients.u, gradients.delta,      gradients.z, gradients.A,
                  gradients.D, gradients.delta_bias, b,           c};
    if (const char* fault = launch(kernel, kernel.blocks(), stream)) return fault;
    if (b == nullptr) return nullptr;
    if (gradients.B.data != nullptr) {
        const SumParts sum{b, scan.sizes, kernel.groups(), gradients.B};
        if (const char* fault = launch(sum, sum.blocks(), stream)) return fault;
    }
    if (gradients.C.data == nullptr) return nullptr;
    const SumParts sum{c, scan.sizes, kernel.groups(), gradients.C};
    return launch(sum, sum.blocks(), stream);
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
                                        void* stream) {
    if (const char* fault = refusal(scan)) return fault;
    return launch_scan(scan, y, extras.last_state, extras.checkpoints, stream);
}

const char* cuda_selective_scan_backward(const PlainScan& scan, const Input& grad_y, const float* checkpoints,
                                         const CudaScanGradients& gradients, void* stream) {
    if (const char* fault = refusal(scan)) return fault;
    if ((gradients.B.data != nullptr || gradients.C.data != nullptr) && gradients.parts == nullptr)
        return "the gradients of B and C need scratch; give parts";
    return scan.sizes.length <= kShortSequence
               ? launch_backward<ShortScan>(scan, grad_y, checkpoints, gradients, stream)
               : launch_backward<LongScanBackward>(scan, grad_y, checkpoints, gradients, stream);
}

}  // namespace spectile::kernels
