// Products of panels of 32 tokens, tokens in the lanes: the layers and the attention of a transformer. Each
// output is one chain of multiply-adds over the inputs in their order, so a token's result depends on no
// other's place. Per-target header: included once per Highway target.
#if defined(SPECTILE_KERNELS_TOKEN_PRODUCT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SPECTILE_KERNELS_TOKEN_PRODUCT_INL_H_
#undef SPECTILE_KERNELS_TOKEN_PRODUCT_INL_H_
#else
#define SPECTILE_KERNELS_TOKEN_PRODUCT_INL_H_
#endif

#include <algorithm>
#include <cstddef>

#include "hwy/cache_control.h"
#include "hwy/highway.h"
#include "kernels/token_matrix.hpp"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using TokenTag = hn::CappedTag<float, 16>;

/// What is broadcast: the factor of row r and input k lies at first + r * kRow + k * kStep.
template <int kRow, int kStep, typename Value = float>
struct Factors {
    const Value* first = nullptr;
    std::size_t inputs = 0;
    std::size_t pieces = 1;  ///< So many times `inputs`; the pieces of both sides are this far apart:
    std::size_t jump = 0, x_jump = 0;
};

/// kRows rows by two vectors of tokens: y (+)= factors times x, rows of x and y being kTokenPanel long.
/// kAhead: factors that are fetched so far ahead, where they come in one stream; 0: none.
template <bool kFromZero, int kRows, int kAhead, int kRow, int kStep>
HWY_INLINE void MultiplyTokens(const Factors<kRow, kStep>& factors, const float* HWY_RESTRICT x,
                               float* HWY_RESTRICT y) {
    const TokenTag d;
    constexpr std::size_t kLanes = hn::MaxLanes(TokenTag());
    hn::Vec<TokenTag> sum[kRows][2];
    for (int r = 0; r < kRows; ++r)
        for (int v = 0; v < 2; ++v)
            sum[r][v] = kFromZero ? hn::Zero(d) : hn::LoadU(d, y + r * kTokenPanel + v * kLanes);
    for (std::size_t piece = 0; piece < factors.pieces; ++piece) {
        const float* a = factors.first + piece * factors.jump;
        const float* b = x + piece * factors.x_jump;
        for (std::size_t k = 0; k < factors.inputs; ++k) {
            if constexpr (kAhead > 0) hwy::Prefetch(a + k * kStep + kAhead);
            const float* row = b + k * kTokenPanel;
            const auto b0 = hn::LoadU(d, row), b1 = hn::LoadU(d, row + kLanes);
            for (int r = 0; r < kRows; ++r) {
                const auto factor = hn::Set(d, a[k * kStep + static_cast<std::size_t>(r * kRow)]);
                sum[r][0] = hn::MulAdd(factor, b0, sum[r][0]);
                sum[r][1] = hn::MulAdd(factor, b1, sum[r][1]);
            }
        }
    }
    for (int r = 0; r < kRows; ++r)
        for (int v = 0; v < 2; ++v) hn::StoreU(sum[r][v], d, y + r * kTokenPanel + v * kLanes);
}

/// Rows of a tile of a layer and of attention: what the registers hold, divisors of 12 and of 32.
constexpr int kLayerRows = hn::MaxLanes(TokenTag()) >= 16 ? 12 : 6;
constexpr int kAttentionRows = hn::MaxLanes(TokenTag()) >= 16 ? 8 : 4;

/// `rows` rows of y over all tokens of the panel.
template <bool kFromZero, int kRows, int kAhead = 0, int kRow, int kStep>
HWY_INLINE void MultiplyPanel(Factors<kRow, kStep> factors, std::size_t rows, const float* x, float* y) {
    constexpr std::size_t kTokens = 2 * hn::MaxLanes(TokenTag());
    const float* first = factors.first;
    const std::size_t whole = rows - rows % kRows;
    for (std::size_t row = 0; row < whole; row += kRows) {
        factors.first = first + row * kRow;
        for (std::size_t token = 0; token < kTokenPanel; token += kTokens)
            MultiplyTokens<kFromZero, kRows, kAhead>(factors, x + token, y + row * kTokenPanel + token);
    }
    for (std::size_t row = whole; row < rows; ++row) {
        factors.first = first + row * kRow;
        for (std::size_t token = 0; token < kTokenPanel; token += kTokens)
            MultiplyTokens<kFromZero, 1, kAhead>(factors, x + token, y + row * kTokenPanel + token);
    }
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
