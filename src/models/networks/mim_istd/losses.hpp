#pragma once

#include <ATen/core/Tensor.h>

namespace spectile::networks {

/// Losses of a target detector. logits, truth: [batch, 1, rows, cols]; truth is 0 or 1. Scalars come out.
///
/// Dice per image, 1 - (2 sum(pg) + 1) / (sum(p) + sum(g) + 1) with p = sigmoid(logit); mean over the batch.
/// Source   Milletari, Navab, Ahmadi, "V-Net", 2016, equation 3, with the plain sums of probabilities.
at::Tensor dice_loss(const at::Tensor& logits, const at::Tensor& truth);

/// 1 - (sum(pg) + 1) / (sum(p) + sum(g) - sum(pg) + 1) over the whole batch.
/// Source   Rahman and Wang, "Optimizing Intersection-over-Union in Deep Neural Networks", 2016, as Dai et
///          al. (WACV 2021) use it.
at::Tensor soft_iou_loss(const at::Tensor& logits, const at::Tensor& truth);

/// dice_loss + binary cross entropy, mean over all pixels: Dice alone hardly moves a pixel whose score is
/// near 0 or 1, whether that is right or wrong; cross entropy does.
at::Tensor dice_cross_entropy_loss(const at::Tensor& logits, const at::Tensor& truth);

}  // namespace spectile::networks
