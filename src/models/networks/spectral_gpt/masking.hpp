#pragma once

#include <ATen/core/Tensor.h>

namespace spectile::networks {

/// Which tokens of each sample are hidden.
struct Masking {
    at::Tensor kept;      ///< [batch, visible], int64: the visible tokens, in the order in which they run.
    at::Tensor restored;  ///< [batch, tokens], int64: where each token lies among visible, then hidden ones.
    at::Tensor hidden;    ///< [batch, tokens], as the noise: 1 for hidden tokens, 0 for visible ones.
};

/// Tokens that stay visible of `tokens`: tokens * (1 - ratio) in double, cut off.
std::int64_t visible_tokens(std::int64_t tokens, double ratio);

/// Keeps the tokens with the smallest noise, each sample by itself. noise: [batch, tokens].
/// Source   He et al., "Masked Autoencoders Are Scalable Vision Learners", 2022, section 3.
Masking mask_tokens(const at::Tensor& noise, double ratio);

/// Uniform noise in [0, 1) for the samples [first, first + count) of an epoch, float32 [count, tokens]. A
/// sample's noise is a function of seed, epoch and its own number alone.
at::Tensor masking_noise(std::uint64_t seed, std::uint64_t epoch, std::uint64_t first, std::int64_t count,
                         std::int64_t tokens);

}  // namespace spectile::networks
