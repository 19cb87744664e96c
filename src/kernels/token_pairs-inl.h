// Products of panels of 32 tokens in bfloat16, tokens in the lanes: two inputs share 32 bits, the second in
// the upper half. Each output is one chain over the pairs in their order, of each the second product, then
// the first, each by one multiply-add with float32's sums: what the instruction VDPBF16PS does (Intel SDM). A
// product of two such numbers is exact in float32, so levels without fused multiply-adds give the same sums.
// The instruction takes denormal numbers for 0, so the callers hold a FlushDenormals. Per-target header:
// included once per Highway target.
#if defined(SPECTILE_KERNELS_TOKEN_PAIRS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SPECTILE_KERNELS_TOKEN_PAIRS_INL_H_
#undef SPECTILE_KERNELS_TOKEN_PAIRS_INL_H_
#else
#define SPECTILE_KERNELS_TOKEN_PAIRS_INL_H_
#endif

#include <cstdint>

#include "hwy/highway.h"
#include "kernels/bfloat16.hpp"
#include "kernels/token_product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using PairTag = hn::RebindToUnsigned<TokenTag>;

/// To bfloat16 (nearest, ties to even; NaN kept) in the upper half of each lane, the lower one 0.
HWY_INLINE hn::Vec<PairTag> RoundToUpper(hn::Vec<TokenTag> value) {
    const PairTag du;
    const auto bits = hn::BitCast(du, value);
    const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(du, 1U));
    const auto nearest = hn::Add(hn::Add(bits, odd), hn::Set(du, 0x7FFFU));
    const auto nan = hn::RebindMask(du, hn::IsNaN(value));
    const auto kept = hn::Or(bits, hn::Set(du, 0x400000U));
    return hn::And(hn::IfThenElse(nan, kept, nearest), hn::Set(du, 0xFFFF0000U));
}

HWY_INLINE hn::Vec<PairTag> PairOf(hn::Vec<PairTag> first, hn::Vec<PairTag> second) {
    return hn::Or(hn::ShiftRight<16>(first), second);
}

/// Rows of kTokenPanel floats become half as many of pairs of rows, from the same place on.
HWY_INLINE void PairRows(std::size_t rows, float* panel) {
    const TokenTag d;
    for (std::size_t pair = 0; pair < rows / 2; ++pair)
        for (std::size_t token = 0; token < kTokenPanel; token += hn::Lanes(d)) {
            const float* row = panel + 2 * pair * kTokenPanel + token;
            const auto word =
                PairOf(RoundToUpper(hn::LoadU(d, row)), RoundToUpper(hn::LoadU(d, row + kTokenPanel)));
            hn::StoreU(word, PairTag(), reinterpret_cast<std::uint32_t*>(panel + pair * kTokenPanel + token));
        }
}

/// Of two vectors that follow each other, neighbours side by side.
HWY_INLINE hn::Vec<PairTag> PairNeighbours(hn::Vec<PairTag> low, hn::Vec<PairTag> high) {
#if HWY_TARGET == HWY_SCALAR
    return PairOf(low, high);
#else
    const PairTag du;
    return PairOf(hn::ConcatEven(du, high, low), hn::ConcatOdd(du, high, low));
#endif
}

/// The floats of each row become pairs of neighbours, in the first half of the row.
HWY_INLINE void PairColumns(std::size_t rows, float* panel) {
    const TokenTag d;
    const std::size_t lanes = hn::Lanes(d);
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t token = 0; token < kTokenPanel; token += 2 * lanes) {
            float* at = panel + row * kTokenPanel;
            const auto word = PairNeighbours(RoundToUpper(hn::LoadU(d, at + token)),
                                             RoundToUpper(hn::LoadU(d, at + token + lanes)));
            hn::StoreU(word, PairTag(), reinterpret_cast<std::uint32_t*>(at + token / 2));
        }
}

template <int kRow, int kStep>
using PairFactors = Factors<kRow, kStep, std::uint32_t>;

/// Rows of a tile, with both halves of factors and tokens beside the sums.
constexpr int kPairRows = hn::MaxLanes(TokenTag()) >= 16 ? 12 : 4;

/// MultiplyTokens on pairs, with float32's instructions.
template <bool kFromZero, int kRows, int kRow, int kStep>
HWY_INLINE void MultiplyPairs(const PairFactors<kRow, kStep>& factors, const std::uint32_t* x, float* y) {
    const TokenTag d;
    const PairTag du;
    constexpr std::size_t kLanes = hn::MaxLanes(TokenTag());
    const auto upper = hn::Set(du, 0xFFFF0000U);
    hn::Vec<TokenTag> sum[kRows][2];
    for (int r = 0; r < kRows; ++r)
        for (int v = 0; v < 2; ++v)
            sum[r][v] = kFromZero ? hn::Zero(d) : hn::LoadU(d, y + r * kTokenPanel + v * kLanes);
    for (std::size_t piece = 0; piece < factors.pieces; ++piece) {
        const std::uint32_t* a = factors.first + piece * factors.jump;
        const std::uint32_t* b = x + piece * factors.x_jump;
        for (std::size_t k = 0; k < factors.inputs; ++k) {
            hn::Vec<TokenTag> first[2], second[2];
            for (int v = 0; v < 2; ++v) {
                const auto word = hn::LoadU(du, b + k * kTokenPanel + v * kLanes);
                first[v] = hn::BitCast(d, hn::ShiftLeft<16>(word));
                second[v] = hn::BitCast(d, hn::And(word, upper));
            }
            for (int r = 0; r < kRows; ++r) {
                const auto word = hn::Set(du, a[k * kStep + static_cast<std::size_t>(r * kRow)]);
                const auto low = hn::BitCast(d, hn::ShiftLeft<16>(word)),
                           high = hn::BitCast(d, hn::And(word, upper));
                for (int v = 0; v < 2; ++v)
                    sum[r][v] = hn::MulAdd(low, first[v], hn::MulAdd(high, second[v], sum[r][v]));
            }
        }
    }
    for (int r = 0; r < kRows; ++r)
        for (int v = 0; v < 2; ++v) hn::StoreU(sum[r][v], d, y + r * kTokenPanel + v * kLanes);
}

#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
#define SPECTILE_BFLOAT16_TARGET __attribute__((target("avx512bf16")))

/// The same by the instruction.
template <bool kFromZero, int kRows, int kAhead, int kRow, int kStep>
SPECTILE_BFLOAT16_TARGET inline void MultiplyPairsNatively(const PairFactors<kRow, kStep>& factors,
                                                           const std::uint32_t* x, float* y) {
    __m512 sum[kRows][2];
    for (int r = 0; r < kRows; ++r)
        for (int v = 0; v < 2; ++v)
            sum[r][v] = kFromZero ? _mm512_setzero_ps() : _mm512_loadu_ps(y + r * kTokenPanel + v * 16);
    for (std::size_t piece = 0; piece < factors.pieces; ++piece) {
        const std::uint32_t* a = factors.first + piece * factors.jump;
        const std::uint32_t* b = x + piece * factors.x_jump;
        for (std::size_t k = 0; k < factors.inputs; ++k) {
            if constexpr (kAhead > 0) hwy::Prefetch(a + k * kStep + kAhead);
            const std::uint32_t* row = b + k * kTokenPanel;
            const auto b0 = reinterpret_cast<__m512bh>(_mm512_loadu_si512(row)),
                       b1 = reinterpret_cast<__m512bh>(_mm512_loadu_si512(row + 16));
            for (int r = 0; r < kRows; ++r) {
                const auto word = a[k * kStep + static_cast<std::size_t>(r * kRow)];
                const auto factor = reinterpret_cast<__m512bh>(_mm512_set1_epi32(static_cast<int>(word)));
                sum[r][0] = _mm512_dpbf16_ps(sum[r][0], factor, b0);
                sum[r][1] = _mm512_dpbf16_ps(sum[r][1], factor, b1);
            }
        }
    }
    for (int r = 0; r < kRows; ++r)
        for (int v = 0; v < 2; ++v) _mm512_storeu_ps(y + r * kTokenPanel + v * 16, sum[r][v]);
}

template <bool kFromZero, int kRows, int kAhead, int kRow, int kStep>
SPECTILE_BFLOAT16_TARGET HWY_NOINLINE void MultiplyPairPanelNatively(PairFactors<kRow, kStep> factors,
                                                                     std::size_t rows, const std::uint32_t* x,
                                                                     float* y) {
    for (; rows >= kRows; rows -= kRows, factors.first += kRows * kRow, y += kRows * kTokenPanel)
        MultiplyPairsNatively<kFromZero, kRows, kAhead>(factors, x, y);
    for (; rows > 0; --rows, factors.first += kRow, y += kTokenPanel)
        MultiplyPairsNatively<kFromZero, 1, kAhead>(factors, x, y);
}
#endif

/// MultiplyPanel on pairs. kRows: of a tile of the instruction's.
template <bool kFromZero, int kRows, int kAhead = 0, int kRow, int kStep>
HWY_INLINE void MultiplyPairPanel(PairFactors<kRow, kStep> factors, std::size_t rows, const std::uint32_t* x,
                                  float* y) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
    if (has_bfloat16()) return MultiplyPairPanelNatively<kFromZero, kRows, kAhead>(factors, rows, x, y);
#endif
    constexpr std::size_t kTokens = 2 * hn::MaxLanes(TokenTag());
    for (; rows >= kPairRows;
         rows -= kPairRows, factors.first += kPairRows * kRow, y += kPairRows * kTokenPanel)
        for (std::size_t token = 0; token < kTokenPanel; token += kTokens)
            MultiplyPairs<kFromZero, kPairRows>(factors, x + token, y + token);
    for (; rows > 0; --rows, factors.first += kRow, y += kTokenPanel)
        for (std::size_t token = 0; token < kTokenPanel; token += kTokens)
            MultiplyPairs<kFromZero, 1>(factors, x + token, y + token);
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
