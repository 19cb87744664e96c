#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

// Memory of a CUDA device for tests and the benchmark, with a guard behind it.

namespace spectile::cuda {

/// Number of devices that the runtime sees; 0 without a driver.
int device_count();
/// What the first device is called, and its driver and runtime versions.
std::string device_description();
/// Waits for everything launched. Throws std::runtime_error with CUDA's words where something failed.
void finish();

/// `bytes` of device memory followed by a guard. Throws std::runtime_error with CUDA's words.
class DeviceBytes {
public:
    explicit DeviceBytes(std::size_t bytes);
    ~DeviceBytes();
    DeviceBytes(const DeviceBytes&) = delete;
    DeviceBytes& operator=(const DeviceBytes&) = delete;

    void* data() const { return data_; }
    void copy_in(const void* from);
    /// Throws std::runtime_error where the guard was written to.
    void copy_out(void* to) const;

private:
    std::size_t bytes_;
    void* data_ = nullptr;
};

/// An array of floats, integers or masks on the device. Without values it starts as NaN bytes.
template <class T>
class DeviceArray {
public:
    explicit DeviceArray(std::size_t count) : memory_(count * sizeof(T)), count_(count) {
        std::vector<T> values(count);
        if (count != 0) std::memset(static_cast<void*>(values.data()), 0xFF, count * sizeof(T));
        memory_.copy_in(values.data());
    }
    explicit DeviceArray(const std::vector<T>& values)
        : memory_(values.size() * sizeof(T)), count_(values.size()) {
        memory_.copy_in(values.data());
    }
    T* data() const { return static_cast<T*>(memory_.data()); }
    std::vector<T> values() const {
        std::vector<T> out(count_);
        memory_.copy_out(out.data());
        return out;
    }

private:
    DeviceBytes memory_;
    std::size_t count_;
};

}  // namespace spectile::cuda
