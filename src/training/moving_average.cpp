#include "training/moving_average.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace spectile::training {
namespace {

std::vector<at::Tensor> copies_of(const std::vector<networks::NamedTensor>& tensors) {
    std::vector<at::Tensor> copies;
    for (const auto& t : tensors) copies.push_back(t.tensor.detach().clone());
    return copies;
}

/// As named tensors, for what reads and writes those.
std::vector<networks::NamedTensor> named(const std::vector<at::Tensor>& tensors) {
    std::vector<networks::NamedTensor> out;
    for (const auto& tensor : tensors) out.push_back({.name = {}, .tensor = tensor});
    return out;
}

void average_one(const at::Tensor& average, const at::Tensor& weight, float keep) {
    if (!average.device().is_cpu()) {
        average.mul_(keep).add_(weight, 1 - keep);
        return;
    }
    const auto to = values_of(average), now = values_of(weight);
    for (std::size_t k = 0; k < to.size(); ++k) to[k] = keep * to[k] + (1 - keep) * now[k];
}

}  // namespace

void MovingAverage::start(const Weights& stored) {
    average_ = copies_of(tensors_);
    if (!stored.empty()) set_weights(named(average_), stored);
}

void MovingAverage::add_step(double decay, std::int64_t steps) {
    const at::NoGradGuard no_grad;
    const auto taken = static_cast<double>(steps);
    const auto keep = static_cast<float>(std::min(decay, (1 + taken) / (10 + taken)));
    for (std::size_t i = 0; i < average_.size(); ++i)
        if (tensors_[i].trainable || buffers_ == Buffers::averaged)
            average_one(average_[i], tensors_[i].tensor, keep);
        else
            average_[i].copy_(tensors_[i].tensor);
}

Weights MovingAverage::values() const { return copy_weights(named(average_)); }

void MovingAverage::put(const std::vector<at::Tensor>& values) const {
    const at::NoGradGuard no_grad;
    for (std::size_t i = 0; i < values.size(); ++i) tensors_[i].tensor.copy_(values[i]);
}

MovingAverage::InPlace::InPlace(const MovingAverage& average) : average_(average) {
    if (!average.is_on()) return;
    weights_ = copies_of(average.tensors_);
    average.put(average.average_);
}

MovingAverage::InPlace::~InPlace() { average_.put(weights_); }

}  // namespace spectile::training
