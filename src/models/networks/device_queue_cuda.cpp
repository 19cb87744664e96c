#include "models/networks/device_queue_cuda.hpp"

#include <ATen/cuda/CUDAEvent.h>
#include <ATen/ops/empty.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>

#include <mutex>

namespace spectile::networks {
namespace {

using at::cuda::CUDAEvent;

/// A thread that waits for it sleeps.
CUDAEvent sleeping_event() { return CUDAEvent(cudaEventDisableTiming | cudaEventBlockingSync); }

class CudaQueue final : public DeviceQueue {
public:
    explicit CudaQueue(const at::Device& device)
        : device_(device),
          copies_(c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device.index())),
          computes_(c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device.index())) {
        // Weights were copied on the default stream, which these two do not wait for.
        c10::cuda::getDefaultCUDAStream(device.index()).synchronize();
    }

    at::Tensor host_memory(at::IntArrayRef shape) const override {
        return at::empty(shape, at::TensorOptions(at::kFloat).pinned_memory(true));
    }

    Input upload(const at::Tensor& from) override {
        const c10::cuda::CUDAStreamGuard guard(copies_);
        Input input = {from.to(device_, /*non_blocking=*/true), nullptr};
        // The allocator would hand its memory to the next copy as soon as the caller lets it go.
        c10::cuda::CUDACachingAllocator::recordStream(input.values.storage().data_ptr(), computes_);
        auto arrival = std::make_shared<CUDAEvent>(cudaEventDisableTiming);
        arrival->record(copies_);
        input.arrival = std::move(arrival);
        return input;
    }

    void compute(const Input& input, const Forward& forward, at::Tensor& to) override {
        CUDAEvent done = sleeping_event();
        {
            const std::lock_guard lock(one_at_a_time_);
            const c10::cuda::CUDAStreamGuard guard(computes_);
            if (input.arrival) static_cast<CUDAEvent*>(input.arrival.get())->block(computes_);
            const auto output = forward(input.values).to(at::kFloat).contiguous();
            if (!to.defined() || !to.is_pinned() || to.sizes() != output.sizes())
                to = host_memory(output.sizes());
            to.copy_(output, /*non_blocking=*/true);
            done.record(computes_);
        }
        done.synchronize();
    }

private:
    at::Device device_;
    c10::cuda::CUDAStream copies_, computes_;
    std::mutex one_at_a_time_;
};

}  // namespace

std::unique_ptr<DeviceQueue> make_cuda_queue(const std::string& device) {
    return std::make_unique<CudaQueue>(at::Device(device));
}

std::size_t free_cuda_bytes(const std::string& device) {
    const c10::cuda::CUDAGuard guard{at::Device(device)};
    // What the allocator holds without use counts as taken for the driver.
    c10::cuda::CUDACachingAllocator::emptyCache();
    std::size_t free = 0, total = 0;
    C10_CUDA_CHECK(cudaMemGetInfo(&free, &total));
    return free;
}

}  // namespace spectile::networks
