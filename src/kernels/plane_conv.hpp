#pragma once

#include <cstdint>

#include "kernels/conv_mlp.hpp"

namespace spectile::kernels {

enum class Activation { none, relu, gelu };

/// A convolution with what follows it, on planes, pixels in the lanes: y = activation(norm(W x) + added).
/// Zeros beyond the border; the middle of the kernel lies on pixel (row * stride, col * stride).
///
/// Shapes   weight: [outputs, inputs, taps, taps], taps odd; norm: [outputs] each.
struct PlaneConv {
    std::int64_t inputs = 0, outputs = 0, taps = 1, stride = 1;  ///< Strides are 1 or 2.
    const float* weight = nullptr;
    ChannelMap norm;
    Activation activation = Activation::none;
};

/// One image; `rows` and `cols` are those of the result. x: [inputs, stride * rows, stride * cols]; added,
/// out: [outputs, rows, cols], added null where there is none.
struct PlaneConvImage {
    std::int64_t rows = 0, cols = 0;
    const float* x = nullptr;
    const float* added = nullptr;
    float* out = nullptr;
};

/// Rows [begin, end) of the result. Calls may run side by side; the bytes do not depend on how the rows are
/// cut.
void plane_conv_forward(const PlaneConv& conv, const PlaneConvImage& image, std::int64_t begin,
                        std::int64_t end);

/// Each pixel becomes 2 x 2, each by a matrix of its own: a transposed convolution of stride 2, or a patch
/// expansion. y = GELU(norm(W x)), or layer_norm(W x) + added.
///
/// Shapes   weight: [2, 2, outputs, inputs]; norm: [outputs] each.
struct PlaneDoubling {
    std::int64_t inputs = 0, outputs = 0;
    const float* weight = nullptr;
    bool layer_norm = false;  ///< Over the outputs of a pixel, epsilon 1e-5; norm is what it ends with.
    ChannelMap norm;
};

/// x: [inputs, rows, cols]; added, out: [outputs, 2 rows, 2 cols], added null where there is none. Rows of x,
/// as above.
void plane_doubling_forward(const PlaneDoubling& doubling, const PlaneConvImage& image, std::int64_t begin,
                            std::int64_t end);

}  // namespace spectile::kernels
