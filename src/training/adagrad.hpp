#pragma once

#include <vector>

#include "models/networks/network.hpp"

namespace spectile::training {

/// AdaGrad over the trainable tensors of a network, with a state that a checkpoint holds all of.
///
/// On the CPU plain loops over float32 in a fixed order: the same gradients give the same bytes. On a device
/// LibTorch's operators, equal but for rounding. Weight decay is added to the gradient.
///
/// Source   Duchi, Hazan and Singer, "Adaptive Subgradient Methods", 2011, figure 1
///          (diagonal); epsilon 1e-10, sums from 0.
class AdaGrad {
public:
    /// Shares the memory of `parameters` (contiguous float32); the state lies on their device.
    AdaGrad(std::vector<networks::NamedTensor> parameters, double weight_decay);

    /// One step with `gradients`, in the order of the parameters.
    void step(const std::vector<at::Tensor>& gradients, double learning_rate);

    const std::vector<networks::NamedTensor>& parameters() const { return parameters_; }

    // The state, for checkpoints.
    std::int64_t steps = 0;
    std::vector<at::Tensor> sums;  ///< Of squared gradients.

private:
    void step_by_loop(std::size_t i, const at::Tensor& gradient, float rate);
    void step_by_operators(std::size_t i, const at::Tensor& gradient, float rate);
    float decay_of(std::size_t i) const {
        return static_cast<float>(parameters_[i].decay ? weight_decay_ : 0);
    }

    std::vector<networks::NamedTensor> parameters_;
    double weight_decay_;
};

}  // namespace spectile::training
