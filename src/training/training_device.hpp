#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "models/networks/network.hpp"
#include "spectile/training.hpp"

// Where a training runs. Images are read, samples drawn and changed on the CPU, by the same random numbers
// wherever it runs; the network, a batch, its labels and losses, gradients and the optimiser's state lie on
// the device; checkpoints and models are written from the CPU's copies, and so go from one device to another.

namespace spectile::training {

/// What `options.device` means on this machine: the CPU or one CUDA device. Each of several processes takes
/// the device with its number among those of its machine, around again where there are fewer.
///
/// Throws Error{Code::usage} where several devices are named, and as networks::resolve_devices does.
at::Device training_device(const TrainingOptions& options);

/// The number of the device for a process that is the `local` one of its machine; `devices` > 0.
int device_of_process(int local, int devices);

/// Puts every tensor of the network there. Those that ask for gradients go on asking.
void put_network(networks::Network& network, at::Device device);

/// Whether tensors ask for gradients stays as it was, whatever is done with the network meanwhile.
class KeepAsking {
public:
    explicit KeepAsking(networks::Network& network);
    ~KeepAsking();
    KeepAsking(const KeepAsking&) = delete;
    KeepAsking& operator=(const KeepAsking&) = delete;

private:
    std::vector<at::Tensor> asking_;
};

/// Where they lie, all on one device.
at::Device device_of(const std::vector<networks::NamedTensor>& tensors);

/// Work whose results lie there: side by side on the CPU, one after the other on a device, which is one.
ParallelFor side_by_side_on(at::Device device, const ParallelFor& parallel);

}  // namespace spectile::training
