#include "models/networks/device_queue.hpp"

#include <ATen/ops/empty.h>

#ifdef SPECTILE_LIBTORCH_CUDA
#include "models/networks/device_queue_cuda.hpp"
#endif

namespace spectile::networks {
namespace {

class AtOnce final : public DeviceQueue {
public:
    explicit AtOnce(const std::string& device) : device_(device) {}
    at::Tensor host_memory(at::IntArrayRef shape) const override { return at::empty(shape, at::kFloat); }
    Input upload(const at::Tensor& from) override { return {from.to(device_), nullptr}; }
    void compute(const Input& input, const Forward& forward, at::Tensor& to) override {
        to = forward(input.values).to(at::kCPU, at::kFloat).contiguous();
    }

private:
    at::Device device_;
};

}  // namespace

std::unique_ptr<DeviceQueue> make_device_queue(const std::string& device) {
#ifdef SPECTILE_LIBTORCH_CUDA
    if (device != "cpu") return make_cuda_queue(device);
#endif
    return std::make_unique<AtOnce>(device);
}

std::size_t free_device_bytes([[maybe_unused]] const std::string& device) {
#ifdef SPECTILE_LIBTORCH_CUDA
    if (device != "cpu") return free_cuda_bytes(device);
#endif
    return 0;
}

}  // namespace spectile::networks
