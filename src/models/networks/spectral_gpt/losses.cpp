#include "models/networks/spectral_gpt/losses.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/core/Reduction.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/nll_loss2d.h>

namespace spectile::networks {
namespace {

constexpr double kLossEpsilon = 1e-6;
constexpr std::int64_t kIgnored = 255, kLast[] = {-1};

at::Tensor standardised(const at::Tensor& tokens) {
    const at::IntArrayRef last = kLast;
    const auto mean = tokens.mean(last, /*keepdim=*/true);
    const auto variance = tokens.var(last, /*unbiased=*/true, /*keepdim=*/true);
    return (tokens - mean) / (variance + kLossEpsilon).sqrt();
}

}  // namespace

ReconstructionLoss reconstruction_loss(const at::Tensor& predicted, const at::Tensor& target,
                                       const at::Tensor& hidden, std::int64_t groups, bool standardise) {
    const auto wanted = standardise ? standardised(target) : target;
    const auto per_token = (predicted - wanted).square().mean(-1);
    const auto summed =
        (predicted - target).view({target.size(0), groups, target.size(1) / groups, target.size(2)}).sum(1);
    ReconstructionLoss out;
    out.token = (per_token * hidden).sum() / hidden.sum();
    out.spectral = summed.square().mean();
    out.total = out.token + out.spectral;
    return out;
}

at::Tensor soft_target_loss(const at::Tensor& logits, const at::Tensor& target) {
    return -(target * at::log_softmax(logits, -1)).sum(-1).mean();
}

at::Tensor multi_label_loss(const at::Tensor& logits, const at::Tensor& target) {
    return at::binary_cross_entropy_with_logits(logits, target);
}

at::Tensor segmentation_loss(const at::Tensor& logits, const at::Tensor& labels) {
    return at::nll_loss2d(at::log_softmax(logits, 1), labels, {}, at::Reduction::Mean, kIgnored);
}

at::Tensor change_loss(const at::Tensor& log_probability, const at::Tensor& labels,
                       const at::Tensor& class_weights) {
    return at::nll_loss2d(log_probability, labels, class_weights, at::Reduction::Mean, kIgnored);
}

at::Tensor summed_pixel_loss(const at::Tensor& log_probability, const at::Tensor& labels,
                             const at::Tensor& class_weights) {
    return at::nll_loss2d(log_probability, labels, class_weights, at::Reduction::Sum, kIgnored);
}

}  // namespace spectile::networks
