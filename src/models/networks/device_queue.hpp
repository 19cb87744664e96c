#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>

namespace spectile::networks {

/// From an input on the device to an output there.
using Forward = std::function<at::Tensor(const at::Tensor& input)>;

/// What goes to one device and comes back from it, for the runners of one model.
///
/// CUDA     One stream copies inputs, one computes and copies outputs back, each from and to pinned memory.
///          While one thread's batch computes, another's is copied: so two threads keep a device busy.
///          Forward passes are put on their stream one after the other, so that memory is that of one.
/// CPU      Everything at once and in place; what tests run, also for a stand-in of a device.
/// Memory   c10::OutOfMemoryError comes through to the caller; the queue stays usable.
class DeviceQueue {
public:
    /// An input that is there, or on its way.
    struct Input {
        at::Tensor values;
        std::shared_ptr<void> arrival;  ///< What `compute` waits for; null: it is there.
    };

    virtual ~DeviceQueue() = default;
    /// float32 memory of the host that the device itself reads and writes.
    virtual at::Tensor host_memory(at::IntArrayRef shape) const = 0;
    /// Begins to copy. `from` must not change before compute() has returned.
    virtual Input upload(const at::Tensor& from) = 0;
    /// forward(input), copied to `to` (float32 of the host, of the output's shape; made anew where it has
    /// another). Returns when it is there.
    virtual void compute(const Input& input, const Forward& forward, at::Tensor& to) = 0;
};

/// `device` as resolve_devices() names it.
std::unique_ptr<DeviceQueue> make_device_queue(const std::string& device);

/// Bytes that a device could still give, with what LibTorch holds of it unused; 0 where nothing is known.
std::size_t free_device_bytes(const std::string& device);

}  // namespace spectile::networks
