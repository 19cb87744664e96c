// Rows of activations times a packed matrix. Each output is one chain of multiply-adds over the inputs in
// their order, whatever the row's place and the number of rows, so a row's result depends on that row alone.
// Per-target header: included once per Highway target.
#if defined(SPECTILE_KERNELS_MULTIPLY_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SPECTILE_KERNELS_MULTIPLY_INL_H_
#undef SPECTILE_KERNELS_MULTIPLY_INL_H_
#else
#define SPECTILE_KERNELS_MULTIPLY_INL_H_
#endif

#include <cstddef>

#include "hwy/highway.h"
#include "kernels/packed_matrix.hpp"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// What the sums start from.
enum class Start {
    zero,
    bias,    ///< one value per output
    output,  ///< what y holds: the residual
};

struct Rows {
    std::size_t count = 0;
    const float* x = nullptr;  ///< [count][in]
    std::size_t x_stride = 0;
    float* y = nullptr;  ///< [count][width of the matrix]
    std::size_t y_stride = 0;
    const float* bias = nullptr;  ///< [width of the matrix], for Start::bias
};

template <Start kStart, int kRows, int kVectors, class D>
HWY_INLINE void MultiplyTile(D d, const Rows& rows, std::size_t row, std::size_t column, std::size_t in,
                             const float* panel) {
    using V = hn::Vec<D>;
    constexpr std::size_t kLanes = hn::MaxLanes(D());
    const float* x = rows.x + row * rows.x_stride;
    float* y = rows.y + row * rows.y_stride + column;
    V sum[kRows][kVectors];
    for (int r = 0; r < kRows; ++r)
        for (int v = 0; v < kVectors; ++v) {
            if constexpr (kStart == Start::zero) sum[r][v] = hn::Zero(d);
            if constexpr (kStart == Start::bias) sum[r][v] = hn::LoadU(d, rows.bias + column + v * kLanes);
            if constexpr (kStart == Start::output)
                sum[r][v] = hn::LoadU(d, y + r * rows.y_stride + v * kLanes);
        }
    for (std::size_t k = 0; k < in; ++k) {
        V w[kVectors];
        for (int v = 0; v < kVectors; ++v) w[v] = hn::LoadU(d, panel + (k * kVectors + v) * kLanes);
        for (int r = 0; r < kRows; ++r) {
            const V value = hn::Set(d, x[r * rows.x_stride + k]);
            for (int v = 0; v < kVectors; ++v) sum[r][v] = hn::MulAdd(value, w[v], sum[r][v]);
        }
    }
    for (int r = 0; r < kRows; ++r)
        for (int v = 0; v < kVectors; ++v) hn::StoreU(sum[r][v], d, y + r * rows.y_stride + v * kLanes);
}

/// Rows per tile: as many accumulators as the registers hold.
template <class D>
constexpr int RowsPerTile() {
    return hn::MaxLanes(D()) >= 16 ? 12 : hn::MaxLanes(D()) == 8 ? 6 : hn::MaxLanes(D()) == 4 ? 3 : 1;
}

template <Start kStart, int kRows, int kVectors, class D>
HWY_INLINE void MultiplyLastRows(D d, const Rows& rows, std::size_t row, std::size_t column, std::size_t in,
                                 const float* panel) {
    if constexpr (kRows > 0) {
        if (rows.count - row == static_cast<std::size_t>(kRows))
            return MultiplyTile<kStart, kRows, kVectors>(d, rows, row, column, in, panel);
        MultiplyLastRows<kStart, kRows - 1, kVectors>(d, rows, row, column, in, panel);
    }
}

template <Start kStart, int kVectors, class D>
HWY_INLINE void MultiplyAllRows(D d, const Rows& rows, std::size_t column, std::size_t in,
                                const float* panel) {
    constexpr int kRows = RowsPerTile<D>();
    std::size_t row = 0;
    for (; row + kRows <= rows.count; row += kRows)
        MultiplyTile<kStart, kRows, kVectors>(d, rows, row, column, in, panel);
    MultiplyLastRows<kStart, kRows - 1, kVectors>(d, rows, row, column, in, panel);
}

/// y = start + x W^T for every row. Writes `matrix.width()` outputs per row.
template <Start kStart>
HWY_NOINLINE void MultiplyRows(const PackedMatrix& matrix, const Rows& rows) {
    const hn::CappedTag<float, 16> d;
    const hn::CappedTag<float, 8> half;
    std::size_t index = 0;
    for (; index < matrix.full_panels(); ++index)
        MultiplyAllRows<kStart, 16 / static_cast<int>(hn::MaxLanes(d))>(d, rows, index * 16, matrix.in,
                                                                        matrix.panel(index));
    if (matrix.has_half_panel())
        MultiplyAllRows<kStart, 8 / static_cast<int>(hn::MaxLanes(half))>(half, rows, index * 16, matrix.in,
                                                                          matrix.panel(index));
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
