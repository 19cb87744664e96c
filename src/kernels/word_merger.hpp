#pragma once

#include <cstdint>

namespace spectile::kernels {

/// MiM-ISTD's merge of words, for inference: each word is normalised, 2 x 2 sentences' words become one grid,
/// and a 3 x 3 convolution of stride 2, zeros beyond that grid, halves it. Merged sentences lie in the lanes.
///
/// Shapes   norm: [width] each, epsilon 1e-5; weight: [outputs, width, 3, 3]; bias: [outputs].
struct WordMerger {
    std::int64_t side = 0;  ///< Words along a side of a sentence.
    std::int64_t width = 0, outputs = 0;
    const float *norm_weight, *norm_bias, *weight, *bias;
};

/// words: [batch, grid, grid, side * side, width]; out: [batch, grid / 2, grid / 2, side * side, outputs].
struct WordMerging {
    std::int64_t grid = 0;  ///< Sentences along a side, even.
    const float* words = nullptr;
    float* out = nullptr;
};

/// Merged sentences [begin, end) of all the batch. Calls may run side by side; the bytes do not depend on how
/// the work is cut.
void merge_words(const WordMerger& merger, const WordMerging& work, std::int64_t begin, std::int64_t end);

}  // namespace spectile::kernels
