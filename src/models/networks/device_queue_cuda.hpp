#pragma once

#include "models/networks/device_queue.hpp"

// Where LibTorch has CUDA (SPECTILE_LIBTORCH_CUDA); compiled, never run.

namespace spectile::networks {

std::unique_ptr<DeviceQueue> make_cuda_queue(const std::string& device);
std::size_t free_cuda_bytes(const std::string& device);

}  // namespace spectile::networks
