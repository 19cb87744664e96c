#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/networks/network.hpp"

namespace spectile::training {

/// Decay of the running means of gradients and of their squares.
struct Betas {
    double first = 0.9, second = 0.999;
};

/// AdamW over the trainable tensors of a network, with a state that a checkpoint holds all of.
///
/// On the CPU plain loops over float32 in a fixed order: the same gradients give the same bytes, whatever the
/// thread count. On a device LibTorch's operators, equal but for rounding.
///
/// Source   Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm 2; epsilon
///          and, unless others are given, betas as there.
class AdamW {
public:
    /// Shares the memory of `parameters` (contiguous float32); the state lies on their device. `weight_decay`
    /// is left out where a tensor says so.
    AdamW(std::vector<networks::NamedTensor> parameters, double weight_decay, Betas betas = {});

    /// One step with `gradients`, in the order of the parameters.
    void step(const std::vector<at::Tensor>& gradients, double learning_rate);

    const std::vector<networks::NamedTensor>& parameters() const { return parameters_; }

    /// Of the learning rate, for each parameter; empty: 1 for all.
    std::vector<double> rate_scales;

    // The state, for checkpoints.
    std::int64_t steps = 0;
    std::vector<at::Tensor> first_moments, second_moments;

private:
    struct Factors {
        float beta1, beta2, step_size, keep, correction;
    };
    void step_by_loop(std::size_t i, const at::Tensor& gradient, const Factors& f);
    void step_by_operators(std::size_t i, const at::Tensor& gradient, const Factors& f);

    std::vector<networks::NamedTensor> parameters_;
    double weight_decay_;
    Betas betas_;
};

/// Those of a network's tensors that are trained; they take gradients from here on.
std::vector<networks::NamedTensor> trainable(const std::vector<networks::NamedTensor>& tensors);

/// The norm of all gradients together, summed in double in their order.
double gradient_norm(const std::vector<at::Tensor>& gradients);

/// Scales all gradients so that their norm is at most `limit`; 0 leaves them alone.
void clip_gradients(std::vector<at::Tensor>& gradients, double limit);

/// Multiplies all gradients with `factor`, rounded to float32.
void scale_gradients(const std::vector<at::Tensor>& gradients, double factor);

/// The values of a contiguous float32 tensor on the CPU. Throws Error{Code::internal} for one that lies
/// elsewhere.
std::span<float> values_of(const at::Tensor& tensor);

}  // namespace spectile::training
