#pragma once

#include <cstdint>

namespace spectile::kernels {

/// y = scale * x + shift of each channel: a batch normalisation by stored statistics.
struct ChannelMap {
    const float *scale = nullptr, *shift = nullptr;
};

/// MiM-ISTD's convolutional MLP on the planes of an image, for inference: pixels lie in the lanes, and the
/// hidden channels of three rows are all that is kept.
///
/// h = norm1(GELU(W1 x)); h += norm2(GELU(depthwise 3x3 of h)); y = norm3(W2 h).
///
/// Shapes   c = width, h = hidden. expand: [h, c], expand_bias: [h]; taps: [h, 9], taps_bias: [h]; shrink:
///          [c, h], shrink_bias: [c].
struct ConvMlp {
    std::int64_t width = 0, hidden = 0;
    const float *expand, *expand_bias, *taps, *taps_bias, *shrink, *shrink_bias;
    ChannelMap norm1, norm2, norm3;
};

/// One image of [c, rows, cols]: out = added + y. `added` null: y alone; it may be `out`.
struct ConvMlpImage {
    std::int64_t rows = 0, cols = 0;
    const float* x = nullptr;
    const float* added = nullptr;
    float* out = nullptr;
};

/// Rows [begin, end) of the result. Calls may run side by side; the bytes do not depend on how the rows are
/// cut.
void conv_mlp_forward(const ConvMlp& mlp, const ConvMlpImage& image, std::int64_t begin, std::int64_t end);

}  // namespace spectile::kernels
