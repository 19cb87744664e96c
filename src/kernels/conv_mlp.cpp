#include "kernels/conv_mlp.hpp"

#include <algorithm>
#include <utility>

#include "hwy/aligned_allocator.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/conv_mlp.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h, so that they see each target.
#include "hwy/highway.h"
#include "kernels/gelu-inl.h"
#include "kernels/lane_product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {

/// Rows of planes as they lie here: [channel][pitch], `kPlaces` zeros before the first column and after the
/// last whole vector.
struct RowMemory {
    std::size_t cols, whole, pitch;  ///< whole: `cols` rounded up to vectors.
    std::size_t width, hidden;
    float *x, *mixed, *y;  ///< One row each.
    float* rows[3];        ///< Hidden channels; row r of the image is in rows[r % 3].
    hwy::AlignedFreeUniquePtr<float[]> floats;

    RowMemory(const ConvMlp& mlp, const ConvMlpImage& image)
        : cols(static_cast<std::size_t>(image.cols)),
          whole((cols + kPlaces - 1) / kPlaces * kPlaces),
          pitch(whole + 2 * kPlaces),
          width(static_cast<std::size_t>(mlp.width)),
          hidden(static_cast<std::size_t>(mlp.hidden)) {
        const std::size_t total = pitch * (2 * width + 4 * hidden);
        floats = hwy::AllocateAligned<float>(total);
        std::fill_n(floats.get(), total, 0.0F);
        float* at = floats.get() + kPlaces;
        const auto take = [&](std::size_t channels) { return std::exchange(at, at + channels * pitch); };
        x = take(width);
        y = take(width);
        mixed = take(hidden);
        for (auto& row : rows) row = take(hidden);
    }
    LaneRows lanes(float* row) const { return {row, kPlaces, pitch}; }
};

/// GELU, then the normalisation of channel c.
template <int K>
HWY_INLINE Several<PlaceTag, K> ActivateAndMap(const ChannelMap& map, std::size_t c, Several<PlaceTag, K> x) {
    const PlaceTag d;
    x = Gelu(d, x);
    const auto scale = hn::Set(d, map.scale[c]), shift = hn::Set(d, map.shift[c]);
    for (int k = 0; k < K; ++k) x[k] = hn::MulAdd(x[k], scale, shift);
    return x;
}

/// Row `row` of the hidden channels, zeros beyond its last column.
HWY_INLINE void Expand(const ConvMlp& mlp, const ConvMlpImage& image, std::size_t row,
                       const RowMemory& memory) {
    const PlaceTag d;
    const std::size_t plane = static_cast<std::size_t>(image.rows) * memory.cols;
    for (std::size_t c = 0; c < memory.width; ++c)
        std::copy_n(image.x + c * plane + row * memory.cols, memory.cols, memory.x + c * memory.pitch);
    float* hidden = memory.rows[row % 3];
    MultiplyAll({mlp.expand, mlp.expand_bias, memory.width, memory.hidden}, memory.whole / kPlaces,
                memory.lanes(memory.x), memory.lanes(hidden));
    for (std::size_t c = 0; c < memory.hidden; ++c) {
        float* channel = hidden + c * memory.pitch;
        ForVectors(d, memory.whole, [&](auto several, std::size_t i) HWY_ATTR {
            const auto x = LoadSeveral<several()>(d, channel + i, kPlaces);
            StoreSeveral(d, ActivateAndMap(mlp.norm1, c, x), channel + i, kPlaces);
        });
        std::fill(channel + memory.cols, channel + memory.whole, 0.0F);
    }
}

/// Some neighbours' taps of one channel.
struct Neighbours {
    const float* rows[3];  ///< Above, at and below.
    std::size_t first, last;
};

/// mixed = h + norm2(GELU(depthwise of h)) of a row.
HWY_INLINE void MixRows(const ConvMlp& mlp, std::size_t row, bool last_row, const RowMemory& memory) {
    const PlaceTag d;
    for (std::size_t c = 0; c < memory.hidden; ++c) {
        const std::size_t at = c * memory.pitch;
        const float* taps = mlp.taps + c * 9;
        const Neighbours near{
            {memory.rows[(row + 2) % 3] + at, memory.rows[row % 3] + at, memory.rows[(row + 1) % 3] + at},
            row == 0 ? 1U : 0U,
            last_row ? 2U : 3U};
        ForVectors(d, memory.whole, [&](auto several, std::size_t i) HWY_ATTR {
            constexpr int kCount = several();
            Several<PlaceTag, kCount> sum;
            for (int k = 0; k < kCount; ++k) sum[k] = hn::Set(d, mlp.taps_bias[c]);
            for (std::size_t r = near.first; r < near.last; ++r)
                for (std::size_t j = 0; j < 3; ++j) {
                    const auto from = LoadSeveral<kCount>(d, near.rows[r] + i + j - 1, kPlaces);
                    const auto tap = hn::Set(d, taps[3 * r + j]);
                    for (int k = 0; k < kCount; ++k) sum[k] = hn::MulAdd(tap, from[k], sum[k]);
                }
            sum = ActivateAndMap(mlp.norm2, c, sum);
            const auto own = LoadSeveral<kCount>(d, near.rows[1] + i, kPlaces);
            for (int k = 0; k < kCount; ++k) sum[k] = hn::Add(sum[k], own[k]);
            StoreSeveral(d, sum, memory.mixed + at + i, kPlaces);
        });
    }
}

/// to = y, or added + y; y is whole vectors.
HWY_INLINE void PutRow(const float* y, const float* added, std::size_t cols, float* to) {
    const PlaceTag d;
    std::size_t i = 0;
    for (; i + kPlaces <= cols; i += kPlaces) {
        const auto value = hn::LoadU(d, y + i);
        hn::StoreU(added ? hn::Add(value, hn::LoadU(d, added + i)) : value, d, to + i);
    }
    for (; i < cols; ++i) to[i] = added ? y[i] + added[i] : y[i];
}

HWY_INLINE void Shrink(const ConvMlp& mlp, const ConvMlpImage& image, std::size_t row,
                       const RowMemory& memory) {
    const PlaceTag d;
    MultiplyAll({mlp.shrink, mlp.shrink_bias, memory.hidden, memory.width}, memory.whole / kPlaces,
                memory.lanes(memory.mixed), memory.lanes(memory.y));
    const std::size_t plane = static_cast<std::size_t>(image.rows) * memory.cols;
    for (std::size_t c = 0; c < memory.width; ++c) {
        const std::size_t at = c * plane + row * memory.cols;
        float* y = memory.y + c * memory.pitch;
        const auto scale = hn::Set(d, mlp.norm3.scale[c]), shift = hn::Set(d, mlp.norm3.shift[c]);
        for (std::size_t i = 0; i < memory.whole; i += kPlaces)
            hn::StoreU(hn::MulAdd(hn::LoadU(d, y + i), scale, shift), d, y + i);
        PutRow(y, image.added ? image.added + at : nullptr, memory.cols, image.out + at);
    }
}

void ConvMlpRows(const ConvMlp& mlp, const ConvMlpImage& image, std::size_t begin, std::size_t end) {
    const RowMemory memory(mlp, image);
    const auto rows = static_cast<std::size_t>(image.rows);
    std::size_t next = begin == 0 ? 0 : begin - 1;  // First row whose hidden channels are not there yet.
    for (std::size_t row = begin; row < end; ++row) {
        for (; next < std::min(row + 2, rows); ++next) Expand(mlp, image, next, memory);
        MixRows(mlp, row, row + 1 == rows, memory);
        Shrink(mlp, image, row, memory);
    }
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace spectile::kernels {

HWY_EXPORT(ConvMlpRows);

void conv_mlp_forward(const ConvMlp& mlp, const ConvMlpImage& image, std::int64_t begin, std::int64_t end) {
    HWY_DYNAMIC_DISPATCH(ConvMlpRows)
    (mlp, image, static_cast<std::size_t>(begin), static_cast<std::size_t>(end));
}

}  // namespace spectile::kernels
#endif  // HWY_ONCE
