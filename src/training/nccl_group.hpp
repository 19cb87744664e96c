#pragma once

#include <torch/csrc/distributed/c10d/Store.hpp>

#include "training/process_group.hpp"

namespace spectile::training {

/// A group whose tensors go from CUDA device to CUDA device by NCCL, and whose words go by `words`, where the
/// build has NCCL. `words` itself where two of the processes have one device, which NCCL does not serve.
std::unique_ptr<ProcessGroup> make_nccl_group(std::unique_ptr<ProcessGroup> words,
                                              const TrainingProcesses& processes,
                                              const c10::intrusive_ptr<c10d::Store>& store,
                                              at::Device device);

}  // namespace spectile::training
