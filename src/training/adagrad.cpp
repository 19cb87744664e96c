#include "training/adagrad.hpp"

#include <cmath>

#include "training/optimiser.hpp"

namespace spectile::training {
namespace {

constexpr float kEpsilon = 1e-10F;

}  // namespace

AdaGrad::AdaGrad(std::vector<networks::NamedTensor> parameters, double weight_decay)
    : parameters_(std::move(parameters)), weight_decay_(weight_decay) {
    for (const auto& parameter : parameters_)
        sums.emplace_back(static_cast<std::size_t>(parameter.tensor.numel()), 0.0F);
}

void AdaGrad::step(const std::vector<at::Tensor>& gradients, double learning_rate) {
    ++steps;
    const auto rate = static_cast<float>(learning_rate);
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        const auto decay = static_cast<float>(parameters_[i].decay ? weight_decay_ : 0);
        float* value = values_of(parameters_[i].tensor).data();
        const float* gradient = values_of(gradients[i]).data();
        float* sum = sums[i].data();
        for (std::size_t k = 0; k < sums[i].size(); ++k) {
            const float g = gradient[k] + decay * value[k];
            sum[k] += g * g;
            value[k] -= rate * g / (std::sqrt(sum[k]) + kEpsilon);
        }
    }
}

}  // namespace spectile::training
