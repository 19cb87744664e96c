#pragma once

#include <cstdint>

namespace spectile::kernels {

/// Rows of float32 in somebody's memory; row r begins at values + r * stride.
struct RowBlock {
    float* values = nullptr;
    std::int64_t rows = 0, columns = 0, stride = 0;
};

/// One step of a softmax that sees its row block by block.
///
/// `largest` and `sum` hold, per row, the largest score so far (-infinity at first) and the sum of
/// e^(score - largest). Both are brought up to date, the scores replaced by e^(score - largest), and `factor`
/// is what everything summed with the former largest has to be multiplied by (0 at first).
/// Scores must not be infinite. Threads  no state; a row's result depends on its own scores alone.
/// Source   Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018, algorithm 3.
void softmax_block(const RowBlock& scores, float* largest, float* sum, float* factor);

/// Multiplies row r by factor[r].
void scale_rows(const RowBlock& block, const float* factor);

}  // namespace spectile::kernels
