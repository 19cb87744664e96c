#pragma once

#include "training/process_group.hpp"

namespace spectile::training {

/// join_processes for more than one, where the build has gloo.
std::unique_ptr<ProcessGroup> join_by_gloo(const TrainingProcesses& processes,
                                           const std::function<bool()>& stop);

}  // namespace spectile::training
