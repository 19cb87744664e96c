// Between [channel][token] (tokens contiguous, as tensors store it) and [token][16 channels] (channels in
// lanes). Per-target header: included once per Highway target.
#if defined(SPECTILE_KERNELS_TRANSPOSE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SPECTILE_KERNELS_TRANSPOSE_INL_H_
#undef SPECTILE_KERNELS_TRANSPOSE_INL_H_
#else
#define SPECTILE_KERNELS_TRANSPOSE_INL_H_
#endif

#include <cstddef>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// to[c * to_stride + r] = from[r * from_stride + c] for r, c in 0..3.
HWY_INLINE void Transpose4x4(const float* from, std::size_t from_stride, float* to, std::size_t to_stride) {
#if HWY_TARGET == HWY_SCALAR
    for (std::size_t r = 0; r < 4; ++r)
        for (std::size_t c = 0; c < 4; ++c) to[c * to_stride + r] = from[r * from_stride + c];
#else
    const hn::FixedTag<float, 4> d;
    const hn::RepartitionToWide<decltype(d)> dw;
    const auto r0 = hn::LoadU(d, from);
    const auto r1 = hn::LoadU(d, from + from_stride);
    const auto r2 = hn::LoadU(d, from + 2 * from_stride);
    const auto r3 = hn::LoadU(d, from + 3 * from_stride);
    const auto low01 = hn::BitCast(dw, hn::InterleaveLower(d, r0, r1));
    const auto low23 = hn::BitCast(dw, hn::InterleaveLower(d, r2, r3));
    const auto high01 = hn::BitCast(dw, hn::InterleaveUpper(d, r0, r1));
    const auto high23 = hn::BitCast(dw, hn::InterleaveUpper(d, r2, r3));
    hn::StoreU(hn::BitCast(d, hn::InterleaveLower(dw, low01, low23)), d, to);
    hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(dw, low01, low23)), d, to + to_stride);
    hn::StoreU(hn::BitCast(d, hn::InterleaveLower(dw, high01, high23)), d, to + 2 * to_stride);
    hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(dw, high01, high23)), d, to + 3 * to_stride);
#endif
}

/// to[c * to_stride + r] = from[r * from_stride + c] for r < rows, c < cols.
HWY_INLINE void Transpose(const float* from, std::size_t from_stride, std::size_t rows, std::size_t cols,
                          float* to, std::size_t to_stride) {
    const std::size_t rows4 = rows / 4 * 4;
    const std::size_t cols4 = cols / 4 * 4;
    for (std::size_t r = 0; r < rows4; r += 4)
        for (std::size_t c = 0; c < cols4; c += 4)
            Transpose4x4(from + r * from_stride + c, from_stride, to + c * to_stride + r, to_stride);
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t c = r < rows4 ? cols4 : 0; c < cols; ++c)
            to[c * to_stride + r] = from[r * from_stride + c];
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
