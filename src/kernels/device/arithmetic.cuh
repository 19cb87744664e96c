#pragma once

#include <cstdint>
#include <cstring>

#include "kernels/device/block.cuh"

// Scalar arithmetic that the host and a device round alike, but for exp2f, expf, expm1f and log1pf, which
// differ in the last digits. nvcc is told not to contract (-fmad=false): a fused product is one that says so
// here.

namespace spectile::kernels::device {

inline constexpr float kLog2E = 1.44269504088896341F;

SPECTILE_BODY float fused(float a, float b, float c) { return fmaf(a, b, c); }

/// log(1 + exp(x)); the identity above 20, as in the specifications of both scan networks.
SPECTILE_BODY float softplus(float x) { return x > 20.0F ? x : log1pf(expf(x)); }

/// Slope of softplus at the point where its value is `y`: 1 - exp(-y), which is exact for tiny values too.
SPECTILE_BODY float softplus_slope(float y) { return -expm1f(-y); }

SPECTILE_BODY float sigmoid(float x) { return 1.0F / (1.0F + expf(-x)); }

SPECTILE_BODY float silu(float x) { return x * sigmoid(x); }

/// d silu(x) / dx = s (1 + x (1 - s)) with s = sigmoid(x).
SPECTILE_BODY float silu_slope(float x) {
    const float s = sigmoid(x);
    return s * fused(x, 1.0F - s, 1.0F);
}

SPECTILE_BODY std::uint32_t bits_of(float value) {
    std::uint32_t bits = 0;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

/// IEEE binary16, rounded to the nearest, ties to even; NaN becomes the quiet NaN.
struct Half {
    std::uint16_t bits;
};
/// bfloat16, rounded likewise.
struct BFloat16 {
    std::uint16_t bits;
};

/// The bits of a number below 2^-14, where binary16 counts in units of 2^-24.
SPECTILE_BODY std::uint32_t half_of_small(std::uint32_t magnitude) {
    if (magnitude <= 0x33000000U) return 0;  // up to 2^-25, a tie at the most
    const std::uint32_t shift = 126 - (magnitude >> 23);
    const std::uint32_t fraction = (magnitude & 0x7FFFFFU) | 0x800000U;
    const std::uint32_t units = fraction >> shift;
    const std::uint32_t rest = fraction & ((1U << shift) - 1);
    const std::uint32_t tie = 1U << (shift - 1);
    return units + (rest > tie || (rest == tie && (units & 1U) != 0) ? 1U : 0U);
}

SPECTILE_BODY void convert(float value, Half& out) {
    const std::uint32_t bits = bits_of(value);
    const std::uint32_t sign = (bits >> 16) & 0x8000U;
    const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
    std::uint32_t half = 0;
    if (magnitude > 0x7F800000U)
        half = 0x7E00U;
    else if (magnitude >= 0x477FF000U)  // 65520 rounds to infinity
        half = 0x7C00U;
    else if (magnitude < 0x38800000U)
        half = half_of_small(magnitude);
    else
        half = (magnitude + 0xFFFU + ((magnitude >> 13) & 1U) - 0x38000000U) >> 13;
    out.bits = static_cast<std::uint16_t>(sign | half);
}

SPECTILE_BODY void convert(float value, BFloat16& out) {
    const std::uint32_t bits = bits_of(value);
    const bool not_a_number = (bits & 0x7FFFFFFFU) > 0x7F800000U;
    const std::uint32_t rounded = (bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16;
    out.bits = static_cast<std::uint16_t>(not_a_number ? (bits >> 16) | 0x40U : rounded);
}

SPECTILE_BODY void convert(float value, float& out) { out = value; }

}  // namespace spectile::kernels::device
