#pragma once

#include <bit>
#include <cstdint>

namespace spectile::kernels {

/// Nearest number of bfloat16, ties to even. Finite values only.
inline std::uint16_t to_bfloat16(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

/// Whether this processor multiplies bfloat16 by itself (AVX512_BF16); elsewhere the same sums take longer
/// than float32's.
inline bool has_bfloat16() {
#if defined(__x86_64__)
    static const bool has = __builtin_cpu_supports("avx512bf16") != 0;
    return has;
#else
    return false;
#endif
}

}  // namespace spectile::kernels
