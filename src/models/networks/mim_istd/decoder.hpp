#pragma once

#include "models/networks/mim_istd/encoder.hpp"

namespace spectile::networks::mim {

/// Patch expanding and residual blocks from the deepest skip to the finest: [batch, width, 2 side, 2 side] of
/// stage 0.
at::Tensor decode(const Pass& pass, const Skips& skips);

/// One logit per position of `x`. `mask` is multiplied to what enters the last convolution (dropout);
/// undefined: nothing.
at::Tensor head(const Pass& pass, const at::Tensor& x, const at::Tensor& mask);

}  // namespace spectile::networks::mim
