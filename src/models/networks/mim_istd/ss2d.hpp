#pragma once

#include "models/networks/mim_istd/pass.hpp"

namespace spectile::networks::mim {

/// Sides of a grid of tokens.
struct TokenGrid {
    std::int64_t rows = 0, cols = 0;
};

/// The four-way selective scan over a grid of tokens (SS2D).
///
/// Shape    x: [batch, rows * cols, width]; the same comes out.
/// Source   Liu et al., "VMamba", 2024, as Chen et al. (arXiv 2403.02148) use it. In the official layout the
///          [width, tokens] memory of a sample is read as tokens of `width` values, without a permutation,
///          and the result is not put back; see the specification's section 4.
at::Tensor ss2d(const Pass& pass, const at::Tensor& x, TokenGrid grid);

}  // namespace spectile::networks::mim
