#include "kernels/bfloat16_product.hpp"

#include "kernels/bfloat16.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/bfloat16_product.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h, so that they see each target.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Sums of one row over one panel; pairs hold the second input in their upper half.
HWY_INLINE void MultiplyPanel(const std::uint32_t* x, const std::uint16_t* panel, std::size_t pairs,
                              const float* bias, float* y) {
    const hn::CappedTag<float, 16> d;
    const hn::RebindToUnsigned<decltype(d)> du;
    const auto upper = hn::Set(du, 0xFFFF0000U);
    for (std::size_t lane = 0; lane < 16; lane += hn::Lanes(d)) {
        auto sum = hn::LoadU(d, bias + lane);
        for (std::size_t pair = 0; pair < pairs; ++pair) {
            const auto w = hn::LoadU(du, reinterpret_cast<const std::uint32_t*>(panel) + pair * 16 + lane);
            const auto value = hn::Set(du, x[pair]);
            sum = hn::MulAdd(hn::BitCast(d, hn::And(value, upper)), hn::BitCast(d, hn::And(w, upper)), sum);
            sum = hn::MulAdd(hn::BitCast(d, hn::ShiftLeft<16>(value)), hn::BitCast(d, hn::ShiftLeft<16>(w)),
                             sum);
        }
        hn::StoreU(sum, d, y + lane);
    }
}

void MultiplyBfloat16(const Bfloat16Matrix& matrix, const Bfloat16Rows& rows) {
    const std::size_t pairs = matrix.pairs();
    for (std::size_t panel = 0; panel < matrix.panels(); ++panel)
        for (std::size_t row = 0; row < rows.count; ++row)
            MultiplyPanel(rows.low + row * pairs, matrix.weights.data() + panel * pairs * 32, pairs,
                          rows.bias + panel * 16, rows.y + row * rows.y_stride + panel * 16);
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace spectile::kernels {
namespace {

void round_rows(const Bfloat16Matrix& matrix, const Bfloat16Rows& rows) {
    for (std::size_t row = 0; row < rows.count; ++row) {
        const float* x = rows.x + row * rows.x_stride;
        std::uint32_t* low = rows.low + row * matrix.pairs();
        for (std::size_t pair = 0; pair < matrix.pairs(); ++pair) {
            const std::uint32_t second = 2 * pair + 1 < matrix.in ? to_bfloat16(x[2 * pair + 1]) : 0;
            low[pair] = second << 16 | to_bfloat16(x[2 * pair]);
        }
    }
}

#if defined(__x86_64__)
/// kRows rows of one panel, so that the multipliers do not wait for a sum.
template <int kRows>
__attribute__((target("avx512f,avx512bf16"))) void multiply_tile(const Bfloat16Matrix& matrix,
                                                                 const Bfloat16Rows& rows, std::size_t row,
                                                                 std::size_t panel) {
    const std::size_t pairs = matrix.pairs();
    const std::uint16_t* weights = matrix.weights.data() + panel * pairs * 32;
    __m512 sum[kRows];
    for (int r = 0; r < kRows; ++r) sum[r] = _mm512_loadu_ps(rows.bias + panel * 16);
    for (std::size_t pair = 0; pair < pairs; ++pair) {
        const auto w = reinterpret_cast<__m512bh>(_mm512_loadu_si512(weights + pair * 32));
        for (int r = 0; r < kRows; ++r) {
            const auto value = _mm512_set1_epi32(static_cast<int>(rows.low[(row + r) * pairs + pair]));
            sum[r] = _mm512_dpbf16_ps(sum[r], reinterpret_cast<__m512bh>(value), w);
        }
    }
    for (int r = 0; r < kRows; ++r) _mm512_storeu_ps(rows.y + (row + r) * rows.y_stride + panel * 16, sum[r]);
}

__attribute__((target("avx512f,avx512bf16"))) void multiply_natively(const Bfloat16Matrix& matrix,
                                                                     const Bfloat16Rows& rows) {
    constexpr int kRows = 12;
    for (std::size_t panel = 0; panel < matrix.panels(); ++panel) {
        std::size_t row = 0;
        for (; row + kRows <= rows.count; row += kRows) multiply_tile<kRows>(matrix, rows, row, panel);
        for (; row < rows.count; ++row) multiply_tile<1>(matrix, rows, row, panel);
    }
}
#else
void multiply_natively(const Bfloat16Matrix&, const Bfloat16Rows&) {}
#endif

}  // namespace

HWY_EXPORT(MultiplyBfloat16);

Bfloat16Matrix::Bfloat16Matrix(const float* source, std::size_t out_features, std::size_t in_features)
    : in(in_features), out(out_features), weights(panels() * pairs() * 32) {
    for (std::size_t o = 0; o < out; ++o)
        for (std::size_t k = 0; k < in; ++k)
            weights[((o / 16 * pairs() + k / 2) * 16 + o % 16) * 2 + k % 2] = to_bfloat16(source[o * in + k]);
}

void multiply_bfloat16(const Bfloat16Matrix& matrix, const Bfloat16Rows& rows) {
    round_rows(matrix, rows);
    if (has_bfloat16()) return multiply_natively(matrix, rows);
    HWY_DYNAMIC_DISPATCH(MultiplyBfloat16)(matrix, rows);
}

}  // namespace spectile::kernels
#endif  // HWY_ONCE
