#pragma once

#include "models/entries/spectral_gpt_config.hpp"
#include "models/networks/spectral_gpt/pass.hpp"

namespace spectile::networks::gpt {

/// Joins the spectral groups of each position: tokens [batch, tokens, embed] to a map [batch, embed, grid,
/// grid].
at::Tensor merge_groups(const Pass& pass, const entries::SpectralGptConfig& config, const at::Tensor& tokens);

/// Four scales of the map, a pyramid pooling module, joining from coarse to fine, one score per class and
/// pixel: [batch, classes, side, side].
///
/// Two 1x1 convolutions act before the bilinear enlargement that they follow in the published code, with
/// which they commute: the last one's four slices each at its own scale, and `conv_x1`. Equal up to rounding.
/// Source   Xiao et al., "Unified Perceptual Parsing for Scene Understanding", 2018, as Hong et al. (arXiv
///          2311.07113) changed it: largest instead of mean in the pooling, all scales from one map.
at::Tensor dense_head(const Pass& pass, const at::Tensor& map);

/// Scores per pixel, [batch, classes, side, side].
at::Tensor segment(const Pass& pass, const entries::SpectralGptConfig& config, const at::Tensor& image);

/// images: [batch, 2 * bands, side, side], the first date before the second. Log-probabilities [batch, 2,
/// side, side]: unchanged, changed. The dates' features are subtracted (first less second), so the order
/// counts.
at::Tensor detect_change(const Pass& pass, const entries::SpectralGptConfig& config,
                         const at::Tensor& images);

}  // namespace spectile::networks::gpt
