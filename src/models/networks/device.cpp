#include "models/networks/device.hpp"

#include <torch/cuda.h>

#include <charconv>

#include "spectile/error.hpp"

namespace spectile::networks {
namespace {

/// The number after "cuda:"; 0 for plain "cuda"; negative where the text is neither.
int cuda_index(const std::string& device) {
    if (device == "cuda") return 0;
    const std::string prefix = "cuda:";
    if (device.rfind(prefix, 0) != 0) return -1;
    int index = -1;
    const char* end = device.data() + device.size();
    const auto parsed = std::from_chars(device.data() + prefix.size(), end, index);
    return parsed.ec == std::errc() && parsed.ptr == end ? index : -1;
}

}  // namespace

std::string resolve_device(const std::string& device, bool can_cuda) {
    if (device == "cpu") return "cpu";
    const int devices = torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
    if (device == "auto" || device.empty()) return devices > 0 && can_cuda ? "cuda:0" : "cpu";
    const int index = cuda_index(device);
    if (index < 0) throw Error(Code::usage, "--device " + device + ": must be auto, cpu, cuda or cuda:N");
    if (devices == 0)
        throw Error(Code::device, "--device " + device +
                                      ": this machine or this build of LibTorch has no CUDA device; " +
                                      "use --device cpu");
    if (index >= devices)
        throw Error(Code::device, "--device " + device + ": this machine has CUDA devices 0 to " +
                                      std::to_string(devices - 1));
    if (!can_cuda)
        throw Error(Code::device,
                    "--device " + device + ": this architecture runs on the CPU; use --device cpu");
    return "cuda:" + std::to_string(index);
}

}  // namespace spectile::networks
