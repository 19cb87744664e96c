#pragma once

#include <cstddef>

#include "kernels/token_matrix.hpp"

// What the layers of a transformer do to panels of tokens. No state; call from any thread.

namespace spectile::kernels {

/// Some panels [count][features][kTokenPanel], each `stride` floats after the one before.
struct TokenPanels {
    float* first = nullptr;
    std::size_t count = 0, stride = 0;

    float* panel(std::size_t index) const { return first + index * stride; }
};

struct TokenLayer {
    const TokenMatrix* matrix = nullptr;
    bool adds = false;  ///< To what y holds: a residual.
    bool gelu = false;  ///< Applied to the sums.
};

/// y (+)= bias + W x, matrix.width() features of y are written. A matrix in bfloat16 reads panels that
/// pair_features has rounded, and gives the same sums at every level of instructions.
void apply_layer(const TokenLayer& layer, const TokenPanels& x, const TokenPanels& y);

/// Rounds x (an even number of features) to bfloat16 (nearest, ties to even) in its place, two features in 32
/// bits (the second in the upper half): [pair][kTokenPanel] in the first half of each panel.
void pair_features(const TokenPanels& x);
/// The same of two tokens side by side: [feature][kTokenPanel], of which the first half is filled.
void pair_tokens(const TokenPanels& x);

struct TokenNorm {
    const float *weight = nullptr, *bias = nullptr;
    std::size_t width = 0;
    float epsilon = 0;
};

/// Layer normalisation over the features of each token, from x to y.
void normalise_tokens(const TokenNorm& norm, const TokenPanels& x, const TokenPanels& y);

}  // namespace spectile::kernels
