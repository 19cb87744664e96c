#pragma once

#include <cstddef>

// Elementwise functions over arrays, dispatched to the best instruction level. `in` may be `out`. An
// element's result depends on its value alone, never on its position or on `count`. Threads: no state, call
// from any.

namespace spectile::kernels {

/// e^x: at most 2.5 units in the last place; 0 where the result would be denormal; infinity on overflow; NaN
/// kept.
void exp(const float* in, float* out, std::size_t count);

/// 2^t for |t| <= 126 only (anything else gives nonsense): the scan's exponential, for measuring its rate.
void exp2_bounded(const float* in, float* out, std::size_t count);

/// 1 / (1 + e^-x): at most 3.5 units in the last place for |x| <= 87.3, clamped there (never below 1.2e-38).
void sigmoid(const float* in, float* out, std::size_t count);

/// x * sigmoid(x): at most 3.5 units in the last place for |x| <= 87.3.
void silu(const float* in, float* out, std::size_t count);

/// log(1 + e^x): at most 4.5 units in the last place for x >= -87.3, tiny results included; x itself
/// above 17.
void softplus(const float* in, float* out, std::size_t count);

/// x/2 (1 + erf(x / sqrt 2)): at most 2e-7 |x| off.
void gelu(const float* in, float* out, std::size_t count);

}  // namespace spectile::kernels
