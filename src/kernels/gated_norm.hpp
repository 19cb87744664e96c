#pragma once

#include <cstdint>

namespace spectile::kernels {

/// y = norm(y) * SiLU(z) of each token: what closes an SS2D before its last product, in one pass.
///
/// Shapes   y: [tokens, channels]; z: the same, tokens `z_stride` floats apart; weight, bias: [channels].
/// Source   Liu et al., "VMamba", 2024. Layer normalisation with epsilon 1e-5.
struct GatedNorm {
    std::int64_t channels = 0, z_stride = 0;
    const float *weight = nullptr, *bias = nullptr;
    const float* z = nullptr;
    float* y = nullptr;
};

/// Tokens [begin, end). Calls may run side by side; the bytes do not depend on how the work is cut.
void gate_and_norm(const GatedNorm& gated, std::int64_t begin, std::int64_t end);

}  // namespace spectile::kernels
