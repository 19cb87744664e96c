#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <functional>
#include <vector>

#include "models/networks/network.hpp"
#include "spectile/model.hpp"

namespace spectile::training {

/// What one batch gave.
struct BatchResult {
    double loss = 0;                    ///< Mean over the batch.
    std::size_t hits = 0;               ///< Samples whose largest logit was the right one.
    std::size_t judged = 0;             ///< Samples (or pixels) that `hits` is counted of.
    std::vector<at::Tensor> gradients;  ///< In the order of the parameters given.
};

/// Gradients of a scalar in the order of the parameters; zeros where it does not depend on one.
std::vector<at::Tensor> gradients_of(const at::Tensor& loss,
                                     const std::vector<networks::NamedTensor>& parameters);

/// sum += more, value by value.
void add_gradients(const std::vector<at::Tensor>& sum, const std::vector<at::Tensor>& more);

/// Sums what `learn` gives for the samples 0 .. count-1. A few of them are worked out side by side (on a
/// device, for which `parallel` is empty, one), and added in their order, so that the bytes do not depend on
/// threads.
BatchResult learn_in_order(std::size_t count, const ParallelFor& parallel,
                           const std::function<BatchResult(std::size_t)>& learn);

}  // namespace spectile::training
