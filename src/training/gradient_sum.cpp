#include "training/gradient_sum.hpp"

#include <ATen/ops/zeros.h>

#include "training/training_device.hpp"

namespace spectile::training {

GradientSum::GradientSum(const std::vector<networks::NamedTensor>& parameters, ProcessGroup& group)
    : group_(group) {
    std::int64_t values = 0;
    for (const auto& parameter : parameters) values += parameter.tensor.numel();
    const std::int64_t slice = (values + group.size() - 1) / group.size();
    const auto there = at::TensorOptions(at::kFloat).device(device_of(parameters));
    flat_ = at::zeros({group.size(), slice}, there);
    slice_ = at::zeros({slice}, there);
    std::int64_t at = 0;
    for (const auto& parameter : parameters) {
        const auto size = parameter.tensor.numel();
        gradients_.push_back(flat_.view({-1}).narrow(0, at, size).view(parameter.tensor.sizes()));
        at += size;
    }
}

void GradientSum::clear() {
    flat_.zero_();
    slice_.zero_();
}

void GradientSum::add() {
    const auto batches = group_.exchange(flat_);
    for (int rank = 0; rank < group_.size(); ++rank) slice_.add_(batches[rank]);
    flat_.zero_();
}

const std::vector<at::Tensor>& GradientSum::sum() {
    group_.collect(slice_, flat_);
    return gradients_;
}

}  // namespace spectile::training
