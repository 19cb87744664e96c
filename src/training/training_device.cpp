#include "training/training_device.hpp"

#include "core/device.hpp"
#include "models/networks/device.hpp"
#include "spectile/error.hpp"

namespace spectile::training {
namespace {

/// `cuda` and `auto` name no device where several processes share a machine: each takes its own.
std::string device_for(const TrainingOptions& options) {
    const DeviceChoice choice = parse_device(options.device);
    if (choice.cuda.size() > 1)
        throw Error(Code::usage, "--device " + options.device +
                                     ": a training runs on one device; name one, or start a process for each "
                                     "(--distributed --device cuda), which takes the device of its number");
    const bool own = choice.automatic || options.device == "cuda";
    const int devices = own && options.processes.count > 1 ? cuda_driver().devices : 0;
    return devices > 0 ? "cuda:" + std::to_string(device_of_process(options.processes.local, devices))
                       : options.device;
}

}  // namespace

int device_of_process(int local, int devices) { return local % devices; }

at::Device training_device(const TrainingOptions& options) {
    const std::string device = device_for(options);
    // A build of LibTorch without CUDA, on a machine with a device, trains on the CPU where that is left
    // open.
    if (parse_device(options.device).automatic && networks::resolve_devices("auto").front() == "cpu")
        return at::kCPU;
    return at::Device(networks::resolve_devices(device).front());
}

void put_network(networks::Network& network, at::Device device) {
    for (const auto& named : network.tensors())
        if (named.tensor.device() != device) {
            const bool asks = named.tensor.requires_grad();
            named.tensor.set_data(named.tensor.detach().to(device));
            named.tensor.set_requires_grad(asks);
        }
}

KeepAsking::KeepAsking(networks::Network& network) {
    for (const auto& named : network.tensors())
        if (named.tensor.requires_grad()) asking_.push_back(named.tensor);
}

KeepAsking::~KeepAsking() {
    for (const auto& tensor : asking_) tensor.set_requires_grad(true);
}

at::Device device_of(const std::vector<networks::NamedTensor>& tensors) {
    return tensors.front().tensor.device();
}

ParallelFor side_by_side_on(at::Device device, const ParallelFor& parallel) {
    return device.is_cpu() ? parallel : ParallelFor{};
}

}  // namespace spectile::training
