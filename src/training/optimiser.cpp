#include "training/optimiser.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>

#include "spectile/error.hpp"

namespace spectile::training {
namespace {

constexpr double kEpsilon = 1e-8;

/// Of gradients on a device: one number comes back to the CPU.
double norm_on_device(const std::vector<at::Tensor>& gradients) {
    at::Tensor sum;
    for (const auto& gradient : gradients) {
        const auto squares = gradient.square().sum(at::kDouble);
        sum = sum.defined() ? sum + squares : squares;
    }
    return sum.sqrt().item<double>();
}

}  // namespace

std::span<float> values_of(const at::Tensor& tensor) {
    if (!tensor.device().is_cpu())
        throw Error(Code::internal,
                    "a tensor on " + tensor.device().str() + " is read as if it lay on the CPU");
    return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

AdamW::AdamW(std::vector<networks::NamedTensor> parameters, double weight_decay, Betas betas)
    : parameters_(std::move(parameters)), weight_decay_(weight_decay), betas_(betas) {
    for (const auto& parameter : parameters_) {
        const auto values = parameter.tensor.detach();
        first_moments.push_back(at::zeros_like(values));
        second_moments.push_back(at::zeros_like(values));
    }
}

void AdamW::step(const std::vector<at::Tensor>& gradients, double learning_rate) {
    ++steps;
    const auto count = static_cast<double>(steps);
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        const double rate = learning_rate * (rate_scales.empty() ? 1 : rate_scales[i]);
        const Factors factors = {
            .beta1 = static_cast<float>(betas_.first),
            .beta2 = static_cast<float>(betas_.second),
            .step_size = static_cast<float>(rate / (1 - std::pow(betas_.first, count))),
            .keep = static_cast<float>(1 - (parameters_[i].decay ? rate * weight_decay_ : 0)),
            .correction = static_cast<float>(1 / std::sqrt(1 - std::pow(betas_.second, count)))};
        if (parameters_[i].tensor.device().is_cpu())
            step_by_loop(i, gradients[i], factors);
        else
            step_by_operators(i, gradients[i], factors);
    }
}

void AdamW::step_by_loop(std::size_t i, const at::Tensor& gradient_tensor, const Factors& f) {
    float* value = values_of(parameters_[i].tensor).data();
    const float* gradient = values_of(gradient_tensor).data();
    float* first = values_of(first_moments[i]).data();
    float* second = values_of(second_moments[i]).data();
    const auto n = values_of(first_moments[i]).size();
    for (std::size_t k = 0; k < n; ++k) {
        first[k] = f.beta1 * first[k] + (1 - f.beta1) * gradient[k];
        second[k] = f.beta2 * second[k] + (1 - f.beta2) * gradient[k] * gradient[k];
        value[k] =
            f.keep * value[k] -
            f.step_size * first[k] / (std::sqrt(second[k]) * f.correction + static_cast<float>(kEpsilon));
    }
}

void AdamW::step_by_operators(std::size_t i, const at::Tensor& gradient, const Factors& f) {
    const at::NoGradGuard no_grad;
    auto &first = first_moments[i], &second = second_moments[i];
    first.mul_(f.beta1).add_(gradient, 1 - f.beta1);
    second.mul_(f.beta2).addcmul_(gradient, gradient, 1 - f.beta2);
    const auto divisor = second.sqrt().mul_(f.correction).add_(kEpsilon);
    parameters_[i].tensor.mul_(f.keep).addcdiv_(first, divisor, -f.step_size);
}

std::vector<networks::NamedTensor> trainable(const std::vector<networks::NamedTensor>& tensors) {
    std::vector<networks::NamedTensor> found;
    for (const auto& t : tensors)
        if (t.trainable) {
            t.tensor.requires_grad_(true);
            found.push_back(t);
        }
    return found;
}

double gradient_norm(const std::vector<at::Tensor>& gradients) {
    if (!gradients.empty() && !gradients.front().device().is_cpu()) return norm_on_device(gradients);
    double sum = 0;
    for (const auto& gradient : gradients)
        for (const float value : values_of(gradient)) sum += static_cast<double>(value) * value;
    return std::sqrt(sum);
}

void clip_gradients(std::vector<at::Tensor>& gradients, double limit) {
    if (limit <= 0) return;
    const double norm = gradient_norm(gradients);
    if (norm <= limit) return;
    scale_gradients(gradients, limit / norm);
}

void scale_gradients(const std::vector<at::Tensor>& gradients, double factor) {
    const auto scale = static_cast<float>(factor);
    for (const auto& gradient : gradients) {
        if (!gradient.device().is_cpu()) {
            gradient.mul_(scale);
            continue;
        }
        for (float& value : values_of(gradient)) value *= scale;
    }
}

}  // namespace spectile::training
