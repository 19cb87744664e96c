#pragma once

#include <torch/csrc/distributed/c10d/Store.hpp>

#include "training/process_group.hpp"

namespace spectile::training {

/// A group of more than one, where the build has gloo, of processes that have met at `store`. What lies on a
/// device goes through the CPU.
std::unique_ptr<ProcessGroup> make_gloo_group(const TrainingProcesses& processes,
                                              const c10::intrusive_ptr<c10d::Store>& store);

}  // namespace spectile::training
