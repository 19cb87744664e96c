#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "spectile/training.hpp"

namespace spectile::training {

/// The processes that train one network. What one calls all have to call, in the same order.
///
/// Nothing is added up on the way: sums are made by those who receive, in the order of the ranks, so that
/// they do not depend on which process was the first. Tensors may lie on any device: what comes lies where
/// that lies which goes. Throws Error{Code::interrupted} if another process has ended, or says nothing for a
/// quarter of an hour.
class ProcessGroup {
public:
    virtual ~ProcessGroup() = default;
    virtual int rank() const = 0;
    virtual int size() const = 0;
    /// What every process says, by rank.
    virtual std::vector<std::string> gather(const std::string& ours) = 0;
    /// `parts`, [size, n] float32: row r is for rank r. Gives [size, n]: row r is what rank r has for us.
    virtual at::Tensor exchange(const at::Tensor& parts) = 0;
    /// Writes everyone's `part`, [n], into `parts`, [size, n].
    virtual void collect(const at::Tensor& part, const at::Tensor& parts) = 0;
};

/// This process alone, or, where there are several, those that meet at `address`: through LibTorch's gloo,
/// and tensors on CUDA devices through NCCL where the build has it, else through the CPU and gloo. Waits for
/// all of them. Throws Error{Code::interrupted} if `stop` says so meanwhile or they do not come within ten
/// minutes, Error{Code::device} where this build's LibTorch has no gloo.
std::unique_ptr<ProcessGroup> join_processes(const TrainingProcesses& processes,
                                             const std::function<bool()>& stop, at::Device device);

}  // namespace spectile::training
