#pragma once

#include <vector>

#include "models/networks/network.hpp"
#include "training/process_group.hpp"

namespace spectile::training {

/// The sum of the gradients of many batches, which are dealt to the processes in turn: batch 0 to rank 0,
/// batch 1 to rank 1, and so on in rounds.
///
/// Lies on the parameters' device. Every value is added up in the order of the batches by the one process
/// that keeps its slice, so the bytes are the same for any number of processes, one too. A round sends each
/// gradient once, as does the end; a process holds its batch's gradients, as much again for what it receives,
/// and its slice of the sum.
class GradientSum {
public:
    GradientSum(const std::vector<networks::NamedTensor>& parameters, ProcessGroup& group);

    /// Forgets everything.
    void clear();
    /// Where this process's batch of the round is to be added, one tensor for each parameter; zeros before.
    const std::vector<at::Tensor>& batch() const { return gradients_; }
    /// Ends a round: adds the batches of all processes.
    void add();
    /// Ends the sum: all of it, in the same tensors, in every process.
    const std::vector<at::Tensor>& sum();

private:
    ProcessGroup& group_;
    at::Tensor flat_;                    ///< [processes, slice]
    at::Tensor slice_;                   ///< Of the sum.
    std::vector<at::Tensor> gradients_;  ///< Views of `flat_`.
};

}  // namespace spectile::training
