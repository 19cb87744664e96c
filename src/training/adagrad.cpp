#include "training/adagrad.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>

#include "training/optimiser.hpp"

namespace spectile::training {
namespace {

constexpr float kEpsilon = 1e-10F;

}  // namespace

AdaGrad::AdaGrad(std::vector<networks::NamedTensor> parameters, double weight_decay)
    : parameters_(std::move(parameters)), weight_decay_(weight_decay) {
    for (const auto& parameter : parameters_) sums.push_back(at::zeros_like(parameter.tensor.detach()));
}

void AdaGrad::step(const std::vector<at::Tensor>& gradients, double learning_rate) {
    ++steps;
    const auto rate = static_cast<float>(learning_rate);
    for (std::size_t i = 0; i < parameters_.size(); ++i)
        if (parameters_[i].tensor.device().is_cpu())
            step_by_loop(i, gradients[i], rate);
        else
            step_by_operators(i, gradients[i], rate);
}

void AdaGrad::step_by_loop(std::size_t i, const at::Tensor& gradient_tensor, float rate) {
    const float decay = decay_of(i);
    float* value = values_of(parameters_[i].tensor).data();
    const float* gradient = values_of(gradient_tensor).data();
    const auto sum = values_of(sums[i]);
    for (std::size_t k = 0; k < sum.size(); ++k) {
        const float g = gradient[k] + decay * value[k];
        sum[k] += g * g;
        value[k] -= rate * g / (std::sqrt(sum[k]) + kEpsilon);
    }
}

void AdaGrad::step_by_operators(std::size_t i, const at::Tensor& gradient, float rate) {
    const at::NoGradGuard no_grad;
    const auto& value = parameters_[i].tensor;
    const auto g = gradient + value * decay_of(i);
    sums[i].addcmul_(g, g);
    value.addcdiv_(g, sums[i].sqrt().add_(kEpsilon), -rate);
}

}  // namespace spectile::training
