#include "models/networks/device.hpp"

#include <torch/cuda.h>

#include "core/device.hpp"
#include "spectile/error.hpp"

namespace spectile::networks {

std::string resolve_device(const std::string& device, bool can_cuda) {
    const DeviceChoice choice = parse_device(device);
    const bool torch_cuda = torch::cuda::is_available();
    if (choice.automatic) return torch_cuda && can_cuda ? "cuda:0" : "cpu";
    if (choice.cuda.empty()) return "cpu";
    check_device(device);
    if (!can_cuda)
        throw Error(Code::device,
                    "--device " + device + ": this architecture runs on the CPU; use --device cpu or auto");
    if (!torch_cuda)
        throw Error(Code::device,
                    "--device " + device + ": this build of LibTorch has no CUDA; use --device cpu or auto");
    if (choice.cuda.size() > 1)
        throw Error(Code::device,
                    "--device " + device + ": a run uses one device; give one and split by --shard");
    return "cuda:" + std::to_string(choice.cuda.front());
}

}  // namespace spectile::networks
