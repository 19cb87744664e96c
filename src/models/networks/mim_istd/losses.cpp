#include "models/networks/mim_istd/losses.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/sigmoid.h>

namespace spectile::networks {
namespace {

constexpr double kSmooth = 1;

}  // namespace

at::Tensor dice_loss(const at::Tensor& logits, const at::Tensor& truth) {
    const auto p = at::sigmoid(logits).flatten(1), g = truth.flatten(1);
    return (1 - (2 * (p * g).sum(1) + kSmooth) / (p.sum(1) + g.sum(1) + kSmooth)).mean();
}

at::Tensor soft_iou_loss(const at::Tensor& logits, const at::Tensor& truth) {
    const auto p = at::sigmoid(logits);
    const auto common = (p * truth).sum();
    return 1 - (common + kSmooth) / (p.sum() + truth.sum() - common + kSmooth);
}

at::Tensor dice_cross_entropy_loss(const at::Tensor& logits, const at::Tensor& truth) {
    return dice_loss(logits, truth) + at::binary_cross_entropy_with_logits(logits, truth);
}

}  // namespace spectile::networks
