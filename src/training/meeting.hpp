#pragma once

#include <chrono>
#include <functional>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include "spectile/training.hpp"

namespace spectile::training {

/// How long another process may say nothing.
inline constexpr std::chrono::milliseconds kSilence = std::chrono::minutes(15);

/// The store that rank 0 keeps, once every process has come to it. Throws as join_processes does.
c10::intrusive_ptr<c10d::Store> meet(const TrainingProcesses& processes, const std::function<bool()>& stop);

/// Calls what waits for others; where that fails, says in our words that a process is gone.
void with_others(const TrainingProcesses& processes, const std::function<void()>& call);

}  // namespace spectile::training
