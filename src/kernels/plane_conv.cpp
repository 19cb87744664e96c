#include "kernels/plane_conv.hpp"

#include <algorithm>
#include <vector>

#include "hwy/aligned_allocator.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/plane_conv.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h, so that they see each target.
#include "hwy/highway.h"
#include "kernels/gelu-inl.h"
#include "kernels/lane_product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace spectile::kernels::HWY_NAMESPACE {

/// Floats of a strip's input: they stay in the second cache while all outputs are computed.
constexpr std::size_t kStripFloats = std::size_t{1} << 17;

/// Some rows of the input with zeros around: [row][channel][parity of the column][pitch]. At stride 2 even
/// and odd columns lie apart, so that neighbours in the result are neighbours here.
struct Strip {
    std::size_t stride, inputs, taps, reach;
    std::size_t cols, vectors, pitch, channel, row;  ///< Of the result; floats of what is named.
    std::size_t rows = 1;                            ///< Of the result, at most.
    std::vector<std::size_t> offsets;                ///< Of each weight's value from the pixel of a result.
    hwy::AlignedFreeUniquePtr<float[]> floats;

    Strip(const PlaneConv& conv, const PlaneConvImage& image)
        : stride(static_cast<std::size_t>(conv.stride)),
          inputs(static_cast<std::size_t>(conv.inputs)),
          taps(static_cast<std::size_t>(conv.taps)),
          reach(taps / 2),
          cols(static_cast<std::size_t>(image.cols)),
          vectors((cols + kPlaces - 1) / kPlaces),
          pitch((vectors + 1) * kPlaces),
          channel(stride * pitch),
          row(inputs * channel) {
        const std::size_t held = kStripFloats / row, around = taps - 1;
        if (held > around + stride) rows = (held - around) / stride;
        rows = std::min(rows, static_cast<std::size_t>(image.rows));
        const std::size_t total = (rows * stride + around) * row + 2 * kPlaces;
        floats = hwy::AllocateAligned<float>(total);
        std::fill_n(floats.get(), total, 0.0F);
        for (std::size_t c = 0; c < inputs; ++c)
            for (std::size_t i = 0; i < taps; ++i)
                for (std::size_t j = 0; j < taps; ++j) offsets.push_back(c * channel + i * row + place(j));
    }
    /// First column of row 0, whose left neighbours are zeros.
    float* first() const { return floats.get() + kPlaces; }
    /// From the pixel that a result lies on to its tap j in the same row; may wrap below 0.
    std::size_t place(std::size_t j) const {
        const std::size_t col =
            j + stride * reach - reach;  // At stride `stride`, `reach` results to the left.
        return col % stride * pitch + col / stride - reach;
    }
};

/// Copies what results of rows [begin, end) need; rows beyond the image are zeros.
HWY_INLINE void Fill(const Strip& strip, const PlaneConvImage& image, std::size_t begin, std::size_t end) {
    const std::size_t cols = strip.cols * strip.stride,
                      image_rows = static_cast<std::size_t>(image.rows) * strip.stride,
                      rows = (end - begin) * strip.stride + strip.taps - 1;
    for (std::size_t r = 0; r < rows; ++r) {
        const std::size_t from = begin * strip.stride + r - strip.reach;  // Above the image: wraps.
        for (std::size_t c = 0; c < strip.inputs; ++c) {
            float* to = strip.first() + r * strip.row + c * strip.channel;
            const float* row = image.x + (c * image_rows + from) * cols;
            for (std::size_t parity = 0; parity < strip.stride; ++parity, to += strip.pitch)
                if (from >= image_rows)
                    std::fill_n(to, strip.cols, 0.0F);
                else if (strip.stride == 1)
                    std::copy_n(row, strip.cols, to);
                else
                    for (std::size_t i = 0; i < strip.cols; ++i) to[i] = row[2 * i + parity];
        }
    }
}

/// Results that are computed together.
struct Tile {
    std::size_t output, outputs, vectors;
    std::size_t rows[kTileVectors], cols[kTileVectors];  ///< Of each vector's first pixel.
};

template <int K>
HWY_INLINE Several<PlaceTag, K> Activate(Activation activation, Several<PlaceTag, K> x) {
    const PlaceTag d;
    if (activation == Activation::gelu) return Gelu(d, x);
    if (activation == Activation::relu)
        for (int k = 0; k < K; ++k) x[k] = hn::Max(x[k], hn::Zero(d));
    return x;
}

/// A vector of a row of which `there` pixels exist.
HWY_INLINE hn::Vec<PlaceTag> LoadPixels(const float* from, std::size_t there) {
    const PlaceTag d;
    if (HWY_LIKELY(there == kPlaces)) return hn::LoadU(d, from);
    HWY_ALIGN float part[kPlaces] = {};
    std::copy_n(from, there, part);
    return hn::Load(d, part);
}
HWY_INLINE void StorePixels(hn::Vec<PlaceTag> value, std::size_t there, float* to) {
    const PlaceTag d;
    if (HWY_LIKELY(there == kPlaces)) return hn::StoreU(value, d, to);
    HWY_ALIGN float part[kPlaces];
    hn::Store(value, d, part);
    std::copy_n(part, there, to);
}

/// What follows the product, and out with it.
HWY_INLINE void PutTile(const PlaneConv& conv, const PlaneConvImage& image, const Tile& tile,
                        const float* y) {
    const PlaceTag d;
    const auto rows = static_cast<std::size_t>(image.rows), cols = static_cast<std::size_t>(image.cols);
    std::size_t at[kTileVectors] = {}, there[kTileVectors] = {};
    for (std::size_t v = 0; v < tile.vectors; ++v) {
        at[v] = (tile.output * rows + tile.rows[v]) * cols + tile.cols[v];
        there[v] = std::min(kPlaces, cols - tile.cols[v]);
    }
    for (std::size_t o = 0; o < tile.outputs; ++o, y += kTileVectors * kPlaces) {
        const auto scale = hn::Set(d, conv.norm.scale[tile.output + o]),
                   shift = hn::Set(d, conv.norm.shift[tile.output + o]);
        const std::size_t plane = o * rows * cols;
        auto value = LoadSeveral<kTileVectors>(d, y, kPlaces);
        for (int v = 0; v < kTileVectors; ++v) value[v] = hn::MulAdd(value[v], scale, shift);
        if (image.added)
            for (std::size_t v = 0; v < tile.vectors; ++v)
                value[static_cast<int>(v)] =
                    hn::Add(value[static_cast<int>(v)], LoadPixels(image.added + at[v] + plane, there[v]));
        value = Activate(conv.activation, value);
        for (std::size_t v = 0; v < tile.vectors; ++v)
            StorePixels(value[static_cast<int>(v)], there[v], image.out + at[v] + plane);
    }
}

/// Rows [begin, end), which the strip holds: weights of a few outputs at a time stay in the first cache.
HWY_INLINE void ConvolveStrip(const PlaneConv& conv, const PlaneConvImage& image, const Strip& strip,
                              std::size_t begin, std::size_t end) {
    HWY_ALIGN float y[kPlaces * kTileOutputs * kTileVectors] = {};
    const auto outputs = static_cast<std::size_t>(conv.outputs);
    const std::size_t vectors = (end - begin) * strip.vectors;
    Tile tile{};
    for (tile.output = 0; tile.output < outputs; tile.output += kTileOutputs) {
        tile.outputs = std::min<std::size_t>(kTileOutputs, outputs - tile.output);
        const float* weights = conv.weight + tile.output * strip.offsets.size();
        for (std::size_t first = 0; first < vectors; first += tile.vectors) {
            tile.vectors = first + kTileVectors <= vectors ? kTileVectors : 1;
            const float* x[kTileVectors] = {};
            for (std::size_t v = 0; v < tile.vectors; ++v) {
                const std::size_t row = (first + v) / strip.vectors;
                tile.rows[v] = begin + row;
                tile.cols[v] = (first + v) % strip.vectors * kPlaces;
                x[v] = strip.first() + row * strip.stride * strip.row + tile.cols[v];
            }
            const OffsetMatrix matrix{weights, strip.offsets.data(), strip.offsets.size(), tile.outputs};
            if (tile.vectors == kTileVectors)
                MultiplyAtOutputs<kTileVectors>(matrix, x, y);
            else
                MultiplyAtOutputs<1>(matrix, x, y);
            PutTile(conv, image, tile, y);
        }
    }
}

void PlaneConvRows(const PlaneConv& conv, const PlaneConvImage& image, std::size_t begin, std::size_t end) {
    const Strip strip(conv, image);
    for (std::size_t row = begin; row < end; row += strip.rows) {
        const std::size_t last = std::min(end, row + strip.rows);
        Fill(strip, image, row, last);
        ConvolveStrip(conv, image, strip, row, last);
    }
}

}  // namespace spectile::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace spectile::kernels {

HWY_EXPORT(PlaneConvRows);

void plane_conv_forward(const PlaneConv& conv, const PlaneConvImage& image, std::int64_t begin,
                        std::int64_t end) {
    HWY_DYNAMIC_DISPATCH(PlaneConvRows)
    (conv, image, static_cast<std::size_t>(begin), static_cast<std::size_t>(end));
}

}  // namespace spectile::kernels
#endif  // HWY_ONCE
