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

/// Some panels beside each other and the outputs that they give.
struct Panels {
    const float* first = nullptr;
    std::size_t in = 0;
    std::size_t column = 0;  ///< The first output.
};

/// kVectors vectors of outputs, kPerPanel of each panel.
template <Start kStart, int kRows, int kVectors, int kPerPanel, class D>
HWY_INLINE void MultiplyTile(D d, const Rows& rows, std::size_t row, const Panels& panels) {
    using V = hn::Vec<D>;
    constexpr std::size_t kLanes = hn::MaxLanes(D());
    const std::size_t column = panels.column, next = panels.in * kLanes * kPerPanel;
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
    for (std::size_t k = 0; k < panels.in; ++k) {
        V w[kVectors];
        for (int v = 0; v < kVectors; ++v)
            w[v] = hn::LoadU(d, panels.first + static_cast<std::size_t>(v / kPerPanel) * next +
                                    (k * kPerPanel + v % kPerPanel) * kLanes);
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

template <Start kStart, int kRows, int kVectors, int kPerPanel, class D>
HWY_INLINE void MultiplyLastRows(D d, const Rows& rows, std::size_t row, const Panels& panels) {
    if constexpr (kRows > 0) {
        if (rows.count - row == static_cast<std::size_t>(kRows))
            return MultiplyTile<kStart, kRows, kVectors, kPerPanel>(d, rows, row, panels);
        MultiplyLastRows<kStart, kRows - 1, kVectors, kPerPanel>(d, rows, row, panels);
    }
}

template <Start kStart, int kVectors, int kPerPanel, class D>
HWY_INLINE void MultiplyAllRows(D d, const Rows& rows, const Panels& panels) {
    constexpr int kRows = RowsPerTile<D>();
    std::size_t row = 0;
    for (; row + kRows <= rows.count; row += kRows)
        MultiplyTile<kStart, kRows, kVectors, kPerPanel>(d, rows, row, panels);
    MultiplyLastRows<kStart, kRows - 1, kVectors, kPerPanel>(d, rows, row, panels);
}

/// y = start + x W^T for every row. Writes `matrix.width()` outputs per row.
template <Start kStart>
HWY_NOINLINE void MultiplyRows(const PackedMatrix& matrix, const Rows& rows) {
    const hn::CappedTag<float, 16> d;
    const hn::CappedTag<float, 8> half;
    constexpr int kWhole = 16 / static_cast<int>(hn::MaxLanes(d)),
                  kHalf = 8 / static_cast<int>(hn::MaxLanes(half));
    const auto at = [&](std::size_t index) { return Panels{matrix.panel(index), matrix.in, index * 16}; };
    std::size_t index = 0;
    // With one vector a panel, two panels share each value of x: one load for two products.
    if constexpr (kWhole == 1)
        for (; index + 2 <= matrix.full_panels(); index += 2)
            MultiplyAllRows<kStart, 2, 1>(d, rows, at(index));
    for (; index < matrix.full_panels(); ++index) MultiplyAllRows<kStart, kWhole, kWhole>(d, rows, at(index));
    if (matrix.has_half_panel()) MultiplyAllRows<kStart, kHalf, kHalf>(half, rows, at(index));
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
