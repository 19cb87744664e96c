#pragma once

#include <cstddef>

#include "kernels/pixel_matrix.hpp"

// What the layers of a convolutional head do to maps [pixel][channel]. Each pixel's result is one chain of
// operations that depends on no other's place. No state; call from any thread.

namespace spectile::kernels {

/// Some pixels of a map: rows by columns of them, and how many floats lie from one to the next.
struct Pixels {
    float* first = nullptr;
    std::size_t rows = 1, cols = 0;
    std::size_t row_stride = 0, col_stride = 0;

    float* row(std::size_t index) const { return first + index * row_stride; }
};

/// y = bias + W x for the outputs of one panel, which are written to the first channels of y. Same rows and
/// columns.
void convolve_pixels(const PixelMatrix& matrix, std::size_t panel, const Pixels& x, const Pixels& y);

/// Mean, and sum of squares about it, over all the pixels; `width` (a multiple of kChannelPanel) channels.
void find_moments(const Pixels& x, std::size_t width, float* mean, float* squares);

/// y = gelu(scale * x + shift), channel by channel; `width` as above. y may be x.
struct ChannelScale {
    const float *scale = nullptr, *shift = nullptr;
    std::size_t width = 0;
};
void scale_and_gelu(const ChannelScale& channels, const Pixels& x, const Pixels& y);

/// A square map, whose pixels are `width` (as above) floats.
struct PixelMap {
    float* data = nullptr;
    std::size_t side = 0, width = 0;

    float* pixel(std::size_t row, std::size_t col) const { return data + (row * side + col) * width; }
};

/// Pixels [first, first + count) of a square map of `side`.
struct PixelRange {
    std::size_t side = 0, first = 0, count = 0;
};
/// Adds `from`, bilinearly resized corner on corner to the range's side, to the range's pixels at y.
void add_resized(const PixelMap& from, const PixelRange& range, float* y);

/// The largest of the pixels, channel by channel.
void find_largest(const Pixels& x, std::size_t width, float* largest);

}  // namespace spectile::kernels
