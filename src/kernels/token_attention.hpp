#pragma once

#include <cstddef>

#include "kernels/token_matrix.hpp"

namespace spectile::kernels {

/// Panels of tokens, [panel][feature][kTokenPanel], the heads side by side in the features: q, k and v as the
/// layers write them. The queries hold the softmax's scale and log2 e.
struct TokenAttention {
    const float *q = nullptr, *k = nullptr, *v = nullptr;
    float* out = nullptr;
    std::size_t stride = 0;  ///< Floats from panel to panel, in all four.
    std::size_t tokens = 0;  ///< Of which the last panel may have fewer; what lies behind them has no say.
    std::size_t head_width = 0, heads = 0;
    /// q and k hold pairs of features (an even number to a head) and v of tokens, as pair_features and
    /// pair_tokens round them. The products are bfloat16's then, the same at every level of instructions.
    bool bfloat16 = false;
};

/// Attends from the panels of queries [first, first + count) to every token, for every head. Scores are held
/// for a panel of queries and some panels of keys; no state, call from any thread.
void attend_tokens(const TokenAttention& attention, std::size_t first, std::size_t count);

}  // namespace spectile::kernels
