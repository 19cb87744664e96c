#include "models/networks/device.hpp"

#include <ATen/Context.h>
#include <torch/cuda.h>

#include "core/device.hpp"
#include "spectile/error.hpp"

namespace spectile::networks {
namespace {

void keep_float32() {
    auto& context = at::globalContext();
    context.setAllowTF32CuBLAS(false);
    context.setAllowTF32CuDNN(false);
    context.setBenchmarkCuDNN(false);
    context.setDeterministicCuDNN(true);
}

}  // namespace

std::vector<std::string> resolve_devices(const std::string& device) {
    DeviceChoice choice = parse_device(device);
    const bool torch_cuda = torch::cuda::is_available();
    if (choice.automatic && torch_cuda) choice.cuda = {0};
    if (choice.cuda.empty()) return {"cpu"};
    check_device(choice.automatic ? "cuda:0" : device);
    if (!torch_cuda)
        throw Error(Code::device,
                    "--device " + device + ": this build of LibTorch has no CUDA; use --device cpu or auto");
    keep_float32();
    std::vector<std::string> devices;
    for (const int number : choice.cuda) devices.push_back("cuda:" + std::to_string(number));
    return devices;
}

void require_cpu(const std::string& device) {
    if (!parse_device(device).cuda.empty())
        throw Error(Code::device,
                    "--device " + device + ": this architecture runs on the CPU; use --device cpu or auto");
}

void move_to_device(Network& network, const std::string& device) {
    for (auto& named : network.tensors()) {
        named.tensor.set_requires_grad(false);
        named.tensor.set_data(named.tensor.to(at::Device(device)));
    }
}

}  // namespace spectile::networks
