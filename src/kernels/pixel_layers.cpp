#include "kernels/pixel_layers.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pixel_layers.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h, so that they see each target.
#include "hwy/highway.h"
#include "kernels/gelu-inl.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using ChannelTag = hn::CappedTag<float, 16>;
constexpr std::size_t kLanes = hn::MaxLanes(ChannelTag());
constexpr std::size_t kFour = 4 * kLanes;  ///< Channels that go through a loop side by side.
static_assert(kChannelPanel % kFour == 0);

constexpr std::size_t kInputs = 128;  ///< So many inputs' weights of a panel stay in the first cache.
/// A tile of sums: what the registers hold.
constexpr int kTilePixels = 6, kTileVectors = kLanes >= 16 ? 4 : 2;

/// Some inputs of a panel.
struct Piece {
    const float* weights = nullptr;
    std::size_t inputs = 0;
};

/// kPixels neighbours by kTileVectors vectors of outputs: y += W x.
template <int kPixels>
HWY_INLINE void MultiplyTile(const Piece& piece, const float* HWY_RESTRICT x, std::size_t x_stride,
                             float* HWY_RESTRICT y, std::size_t y_stride) {
    const ChannelTag d;
    hn::Vec<ChannelTag> sum[kPixels][kTileVectors];
    for (int p = 0; p < kPixels; ++p)
        for (int v = 0; v < kTileVectors; ++v) sum[p][v] = hn::LoadU(d, y + p * y_stride + v * kLanes);
    for (std::size_t k = 0; k < piece.inputs; ++k) {
        const float* row = piece.weights + k * kChannelPanel;
        hn::Vec<ChannelTag> weight[kTileVectors];
        for (int v = 0; v < kTileVectors; ++v) weight[v] = hn::LoadU(d, row + v * kLanes);
        for (int p = 0; p < kPixels; ++p) {
            const auto value = hn::Set(d, x[p * x_stride + k]);
            for (int v = 0; v < kTileVectors; ++v) sum[p][v] = hn::MulAdd(value, weight[v], sum[p][v]);
        }
    }
    for (int p = 0; p < kPixels; ++p)
        for (int v = 0; v < kTileVectors; ++v) hn::StoreU(sum[p][v], d, y + p * y_stride + v * kLanes);
}

template <int kPixels>
HWY_INLINE void MultiplyPanel(Piece piece, const float* x, std::size_t x_stride, float* y,
                              std::size_t y_stride) {
    for (std::size_t v = 0; v < kChannelPanel;
         v += kTileVectors * kLanes, piece.weights += kTileVectors * kLanes)
        MultiplyTile<kPixels>(piece, x, x_stride, y + v, y_stride);
}

/// One row of pixels.
HWY_INLINE void MultiplyRow(const Piece& piece, const Pixels& x, const Pixels& y) {
    std::size_t col = 0;
    const auto at = [&](const Pixels& pixels) { return pixels.first + col * pixels.col_stride; };
    for (; col + kTilePixels <= x.cols; col += kTilePixels)
        MultiplyPanel<kTilePixels>(piece, at(x), x.col_stride, at(y), y.col_stride);
    for (; col + 4 <= x.cols; col += 4) MultiplyPanel<4>(piece, at(x), x.col_stride, at(y), y.col_stride);
    for (; col < x.cols; ++col) MultiplyPanel<1>(piece, at(x), x.col_stride, at(y), y.col_stride);
}

void ConvolvePixels(const PixelMatrix& matrix, std::size_t panel, const Pixels& x, const Pixels& y) {
    for (std::size_t row = 0; row < y.rows; ++row)
        for (std::size_t col = 0; col < y.cols; ++col)
            std::copy_n(matrix.bias.data() + panel * kChannelPanel, kChannelPanel,
                        y.row(row) + col * y.col_stride);
    for (std::size_t input = 0; input < matrix.in; input += kInputs) {
        const Piece piece{matrix.weights.data() + (panel * matrix.in + input) * kChannelPanel,
                          std::min(kInputs, matrix.in - input)};
        for (std::size_t row = 0; row < y.rows; ++row)
            MultiplyRow(piece, {x.row(row) + input, 1, x.cols, 0, x.col_stride},
                        {y.row(row), 1, y.cols, 0, y.col_stride});
    }
}

/// Calls visit(pixel) for the channels from `channel` on of every pixel.
template <typename Visit>
HWY_INLINE void EachPixel(const Pixels& x, std::size_t channel, Visit visit) {
    for (std::size_t row = 0; row < x.rows; ++row)
        for (std::size_t col = 0; col < x.cols; ++col) visit(x.row(row) + col * x.col_stride + channel);
}

void FindMoments(const Pixels& x, std::size_t width, float* mean, float* squares) {
    const ChannelTag d;
    const auto share = hn::Set(d, 1.0F / static_cast<float>(x.rows * x.cols));
    for (std::size_t channel = 0; channel < width; channel += kFour) {
        Several<ChannelTag, 4> middle, spread;
        for (int k = 0; k < 4; ++k) middle[k] = spread[k] = hn::Zero(d);
        EachPixel(x, channel, [&](const float* at) HWY_ATTR {
            const auto value = LoadSeveral<4>(d, at, kLanes);
            for (int k = 0; k < 4; ++k) middle[k] = hn::Add(middle[k], value[k]);
        });
        for (int k = 0; k < 4; ++k) middle[k] = hn::Mul(middle[k], share);
        EachPixel(x, channel, [&](const float* at) HWY_ATTR {
            auto off = LoadSeveral<4>(d, at, kLanes);
            for (int k = 0; k < 4; ++k) off[k] = hn::Sub(off[k], middle[k]);
            for (int k = 0; k < 4; ++k) spread[k] = hn::MulAdd(off[k], off[k], spread[k]);
        });
        StoreSeveral(d, middle, mean + channel, kLanes);
        StoreSeveral(d, spread, squares + channel, kLanes);
    }
}

void ScaleAndGelu(const ChannelScale& channels, const Pixels& x, const Pixels& y) {
    const ChannelTag d;
    for (std::size_t row = 0; row < x.rows; ++row)
        for (std::size_t col = 0; col < x.cols; ++col)
            for (std::size_t channel = 0; channel < channels.width; channel += kFour) {
                auto value = LoadSeveral<4>(d, x.row(row) + col * x.col_stride + channel, kLanes);
                const auto scale = LoadSeveral<4>(d, channels.scale + channel, kLanes);
                const auto shift = LoadSeveral<4>(d, channels.shift + channel, kLanes);
                for (int k = 0; k < 4; ++k) value[k] = hn::MulAdd(value[k], scale[k], shift[k]);
                StoreSeveral(d, Gelu(d, value), y.row(row) + col * y.col_stride + channel, kLanes);
            }
}

/// Where a pixel of the resized side lies among those of the map: between two, so far from the first.
struct Between {
    std::size_t low = 0, high = 0;
    float share = 0;

    Between(std::size_t from, std::size_t to, std::size_t index) {
        const float step = to > 1 ? static_cast<float>(from - 1) / static_cast<float>(to - 1) : 0.0F;
        const float place = step * static_cast<float>(index);
        low = std::min(static_cast<std::size_t>(place), from - 1);
        high = std::min(low + 1, from - 1);
        share = place - static_cast<float>(low);
    }
};

void AddResized(const PixelMap& from, const PixelRange& range, float* y) {
    const ChannelTag d;
    for (std::size_t i = 0; i < range.count; ++i, y += from.width) {
        const Between row(from.side, range.side, (range.first + i) / range.side);
        const Between col(from.side, range.side, (range.first + i) % range.side);
        const float* corners[4] = {from.pixel(row.low, col.low), from.pixel(row.low, col.high),
                                   from.pixel(row.high, col.low), from.pixel(row.high, col.high)};
        const float shares[4] = {(1 - row.share) * (1 - col.share), (1 - row.share) * col.share,
                                 row.share * (1 - col.share), row.share * col.share};
        for (std::size_t channel = 0; channel < from.width; channel += kLanes) {
            auto sum = hn::LoadU(d, y + channel);
            for (int c = 0; c < 4; ++c)
                sum = hn::MulAdd(hn::Set(d, shares[c]), hn::LoadU(d, corners[c] + channel), sum);
            hn::StoreU(sum, d, y + channel);
        }
    }
}

void FindLargest(const Pixels& x, std::size_t width, float* largest) {
    const ChannelTag d;
    for (std::size_t channel = 0; channel < width; channel += kFour) {
        auto most = LoadSeveral<4>(d, x.first + channel, kLanes);
        EachPixel(x, channel, [&](const float* at) HWY_ATTR {
            const auto value = LoadSeveral<4>(d, at, kLanes);
            for (int k = 0; k < 4; ++k) most[k] = hn::Max(most[k], value[k]);
        });
        StoreSeveral(d, most, largest + channel, kLanes);
    }
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace spectile::kernels {

HWY_EXPORT(ConvolvePixels);
HWY_EXPORT(FindMoments);
HWY_EXPORT(ScaleAndGelu);
HWY_EXPORT(AddResized);
HWY_EXPORT(FindLargest);

void convolve_pixels(const PixelMatrix& matrix, std::size_t panel, const Pixels& x, const Pixels& y) {
    HWY_DYNAMIC_DISPATCH(ConvolvePixels)(matrix, panel, x, y);
}

void find_moments(const Pixels& x, std::size_t width, float* mean, float* squares) {
    HWY_DYNAMIC_DISPATCH(FindMoments)(x, width, mean, squares);
}

void scale_and_gelu(const ChannelScale& channels, const Pixels& x, const Pixels& y) {
    HWY_DYNAMIC_DISPATCH(ScaleAndGelu)(channels, x, y);
}

void add_resized(const PixelMap& from, const PixelRange& range, float* y) {
    HWY_DYNAMIC_DISPATCH(AddResized)(from, range, y);
}

void find_largest(const Pixels& x, std::size_t width, float* largest) {
    HWY_DYNAMIC_DISPATCH(FindLargest)(x, width, largest);
}

}  // namespace spectile::kernels
#endif  // HWY_ONCE
