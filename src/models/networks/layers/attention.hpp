#pragma once

#include <ATen/core/Tensor.h>

namespace spectile::networks {

/// Attention of several heads, softmax(q k^T / sqrt(width of a head)) v, over all tokens of a sample.
///
/// Shapes   q, k, v: [batch, tokens, width]; the heads lie side by side in the width. The same comes out.
/// Source   Vaswani et al., "Attention Is All You Need", 2017, section 3.2.
///
/// The plain form: any float type, differentiable, holds every score at once. With `products` of 16 bits the
/// two products round their operands to that (mixed.hpp).
at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t heads,
                     at::ScalarType products = at::kFloat);

/// The same for float32 on the CPU, without gradients, block of queries by block of keys with a running
/// largest score and sum: scratch of a quarter of a MiB per thread, whatever the number of tokens.
///
/// Splits (sample, head, block of queries) over LibTorch's intra-op threads. A block's numbers are worked out
/// in one fixed order, so neither the batch nor the threads change a bit, as long as the BLAS runs on one
/// thread.
/// Source   Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018; Dao et al.,
///          "FlashAttention", 2022, algorithm 1.
at::Tensor blockwise_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                               std::int64_t heads);

}  // namespace spectile::networks
