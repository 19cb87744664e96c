#pragma once

#include <ATen/core/Tensor.h>

// What SpectralGPT learns by. Scalars come out.

namespace spectile::networks {

/// The two parts of the pretraining loss.
struct ReconstructionLoss {
    at::Tensor token;     ///< Mean square over the hidden tokens of the batch.
    at::Tensor spectral;  ///< Mean square of the sums over the spectral groups, at every position.
    at::Tensor total;     ///< Their sum.
};

/// predicted, target: [batch, tokens, token values], tokens with `groups` spectral groups, slowest; hidden: 1
/// for hidden tokens. With `standardise`, the token loss compares with each target token less its mean and
/// divided by its deviation (unbiased); the spectral loss always with the values as they are.
///
/// Source   Hong et al., arXiv 2311.07113; both terms as published in code: the spectral one adds groups, so
///          it binds the sum over the spectrum and is no distance between spectra.
ReconstructionLoss reconstruction_loss(const at::Tensor& predicted, const at::Tensor& target,
                                       const at::Tensor& hidden, std::int64_t groups, bool standardise);

/// Cross entropy with a distribution as target, mean over the batch. logits, target: [batch, classes].
at::Tensor soft_target_loss(const at::Tensor& logits, const at::Tensor& target);

/// Logistic loss of each class by itself, mean over classes and batch; target is 0 or 1.
at::Tensor multi_label_loss(const at::Tensor& logits, const at::Tensor& target);

/// Cross entropy per pixel, mean over those whose label is not 255. logits: [batch, classes, rows, cols];
/// labels: int64 [batch, rows, cols].
at::Tensor segmentation_loss(const at::Tensor& logits, const at::Tensor& labels);

/// Negative log-likelihood per pixel, weighted by class and divided by the weights' sum.
/// log_probability: [batch, 2, rows, cols]; class_weights: [2].
at::Tensor change_loss(const at::Tensor& log_probability, const at::Tensor& labels,
                       const at::Tensor& class_weights);

/// What both are made of: the sum over the pixels whose label is not 255, weighted by class, so that crops of
/// one batch can be worked out each by itself. log_probability: [batch, classes, rows, cols].
at::Tensor summed_pixel_loss(const at::Tensor& log_probability, const at::Tensor& labels,
                             const at::Tensor& class_weights);

}  // namespace spectile::networks
