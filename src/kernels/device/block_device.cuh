#pragma once

#include <cuda_runtime.h>

#include "kernels/device/block.cuh"

// The execution header's device side: only .cu files include this.

namespace spectile::kernels::device {

/// A block of threads on a CUDA device; see block.cuh.
template <class Kernel>
class DeviceBlock {
public:
    using Shared = typename Kernel::Shared;

    /// One value per thread that outlasts a phase.
    template <class T>
    class PerThread {
    public:
        SPECTILE_BODY explicit PerThread(const DeviceBlock&) : value_() {}
        SPECTILE_BODY T& operator[](int) { return value_; }

    private:
        T value_;
    };

    SPECTILE_BODY explicit DeviceBlock(Shared& memory) : shared(memory) {}
    SPECTILE_BODY std::int64_t index() const { return blockIdx.x; }

    template <class Body>
    SPECTILE_BODY void each(Body body) const {
        body(static_cast<int>(threadIdx.x));
    }
    template <class Body>
    SPECTILE_BODY void phase(Body body) const {
        body(static_cast<int>(threadIdx.x));
        __syncthreads();
    }

    Shared& shared;
};

template <class Kernel>
__global__ void __launch_bounds__(Kernel::kThreads, Kernel::kBlocks) run_kernel(const Kernel kernel) {
    __shared__ typename Kernel::Shared shared;
    DeviceBlock<Kernel> block(shared);
    kernel(block);
}

/// Puts a kernel on a stream. Null where it was accepted, else what CUDA says in one line. Nothing is
/// launched for zero blocks.
template <class Kernel>
const char* launch(const Kernel& kernel, std::int64_t blocks, void* stream) {
    if (blocks <= 0) return nullptr;
    if (blocks > 0x7FFFFFFF) return "too many blocks for one launch; give fewer samples or pixels";
    run_kernel<<<static_cast<unsigned>(blocks), Kernel::kThreads, 0, static_cast<cudaStream_t>(stream)>>>(
        kernel);
    const cudaError_t status = cudaGetLastError();
    return status == cudaSuccess ? nullptr : cudaGetErrorString(status);
}

}  // namespace spectile::kernels::device
