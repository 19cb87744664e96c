#pragma once

#include <optional>
#include <string>

#include "training/adagrad.hpp"
#include "training/optimiser.hpp"
#include "training/target_fit.hpp"

namespace spectile::training {

/// The optimiser that a detector's recipe names; one of the two is there.
struct TargetOptimiser {
    std::optional<AdaGrad> adagrad;
    std::optional<AdamW> adamw;

    void step(const std::vector<at::Tensor>& gradients, double learning_rate) {
        adagrad ? adagrad->step(gradients, learning_rate) : adamw->step(gradients, learning_rate);
    }
    std::int64_t& steps() { return adagrad ? adagrad->steps : adamw->steps; }
    const std::vector<networks::NamedTensor>& parameters() const {
        return adagrad ? adagrad->parameters() : adamw->parameters();
    }
    /// The arrays of its state, one list for each name that a checkpoint gives it.
    std::vector<std::pair<std::string, std::vector<at::Tensor>*>> arrays() {
        if (adagrad) return {{"sum.", &adagrad->sums}};
        return {{"first.", &adamw->first_moments}, {"second.", &adamw->second_moments}};
    }
};

/// Writes weights, optimiser and state under a temporary name and renames. Throws Error{Code::write}.
void write_target_checkpoint(const FitOptions& options, const std::vector<networks::NamedTensor>& tensors,
                             TargetOptimiser& optimiser, const TargetState& state);

/// Restores what was written; nothing where there is no such file. Throws Error{Code::definition} if it
/// belongs to another recipe, Error{Code::model} if it is damaged.
std::optional<TargetState> read_target_checkpoint(const FitOptions& options,
                                                  const std::vector<networks::NamedTensor>& tensors,
                                                  TargetOptimiser& optimiser);

}  // namespace spectile::training
