#include "training/optimiser.hpp"

#include <cmath>

namespace spectile::training {
namespace {

constexpr double kEpsilon = 1e-8;

}  // namespace

std::span<float> values_of(const at::Tensor& tensor) {
    return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

AdamW::AdamW(std::vector<networks::NamedTensor> parameters, double weight_decay, Betas betas)
    : parameters_(std::move(parameters)), weight_decay_(weight_decay), betas_(betas) {
    for (const auto& parameter : parameters_) {
        first_moments.emplace_back(static_cast<std::size_t>(parameter.tensor.numel()), 0.0F);
        second_moments.emplace_back(static_cast<std::size_t>(parameter.tensor.numel()), 0.0F);
    }
}

void AdamW::step(const std::vector<at::Tensor>& gradients, double learning_rate) {
    ++steps;
    const auto count = static_cast<double>(steps);
    const auto correction = static_cast<float>(1 / std::sqrt(1 - std::pow(betas_.second, count)));
    const auto beta1 = static_cast<float>(betas_.first), beta2 = static_cast<float>(betas_.second);
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        const double rate = learning_rate * (rate_scales.empty() ? 1 : rate_scales[i]);
        const auto step_size = static_cast<float>(rate / (1 - std::pow(betas_.first, count)));
        const auto keep = static_cast<float>(1 - (parameters_[i].decay ? rate * weight_decay_ : 0));
        float* value = values_of(parameters_[i].tensor).data();
        const float* gradient = values_of(gradients[i]).data();
        float* first = first_moments[i].data();
        float* second = second_moments[i].data();
        const std::size_t n = first_moments[i].size();
        for (std::size_t k = 0; k < n; ++k) {
            first[k] = beta1 * first[k] + (1 - beta1) * gradient[k];
            second[k] = beta2 * second[k] + (1 - beta2) * gradient[k] * gradient[k];
            value[k] =
                keep * value[k] -
                step_size * first[k] / (std::sqrt(second[k]) * correction + static_cast<float>(kEpsilon));
        }
    }
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
    double sum = 0;
    for (const auto& gradient : gradients)
        for (const float value : values_of(gradient)) sum += static_cast<double>(value) * value;
    return std::sqrt(sum);
}

void clip_gradients(std::vector<at::Tensor>& gradients, double limit) {
    if (limit <= 0) return;
    const double norm = gradient_norm(gradients);
    if (norm <= limit) return;
    const auto scale = static_cast<float>(limit / norm);
    for (auto& gradient : gradients)
        for (float& value : values_of(gradient)) value *= scale;
}

}  // namespace spectile::training
