#include "device_array.hpp"

#include <cuda_runtime_api.h>

#include <algorithm>
#include <stdexcept>

namespace spectile::cuda {
namespace {

constexpr std::size_t kGuard = 256;
constexpr unsigned char kMark = 0xA5;

void check(cudaError_t status) {
    if (status != cudaSuccess) throw std::runtime_error(cudaGetErrorString(status));
}

}  // namespace

int device_count() {
    int count = 0;
    if (cudaGetDeviceCount(&count) == cudaSuccess) return count;
    cudaGetLastError();  // else the next call would report it again
    return 0;
}

std::string device_description() {
    cudaDeviceProp properties{};
    int driver = 0, runtime = 0;
    check(cudaGetDeviceProperties(&properties, 0));
    check(cudaDriverGetVersion(&driver));
    check(cudaRuntimeGetVersion(&runtime));
    return std::string(properties.name) + ", sm_" + std::to_string(properties.major) +
           std::to_string(properties.minor) + ", " + std::to_string(properties.multiProcessorCount) +
           " multiprocessors, driver " + std::to_string(driver) + ", runtime " + std::to_string(runtime);
}

void finish() {
    check(cudaGetLastError());
    check(cudaDeviceSynchronize());
}

DeviceBytes::DeviceBytes(std::size_t bytes) : bytes_(bytes) {
    check(cudaMalloc(&data_, bytes + kGuard));
    check(cudaMemset(static_cast<char*>(data_) + bytes, kMark, kGuard));
}

DeviceBytes::~DeviceBytes() { cudaFree(data_); }

void DeviceBytes::copy_in(const void* from) {
    if (bytes_ != 0) check(cudaMemcpy(data_, from, bytes_, cudaMemcpyHostToDevice));
}

void DeviceBytes::copy_out(void* to) const {
    finish();
    if (bytes_ != 0) check(cudaMemcpy(to, data_, bytes_, cudaMemcpyDeviceToHost));
    std::vector<unsigned char> guard(kGuard);
    check(cudaMemcpy(guard.data(), static_cast<const char*>(data_) + bytes_, kGuard, cudaMemcpyDeviceToHost));
    if (std::any_of(guard.begin(), guard.end(), [](unsigned char byte) { return byte != kMark; }))
        throw std::runtime_error("a kernel wrote behind its array");
}

}  // namespace spectile::cuda
