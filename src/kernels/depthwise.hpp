#pragma once

#include <cstdint>

namespace spectile::kernels {

/// A depthwise 3x3 convolution over channels-last images, zeros beyond the border.
///
/// Shapes   x: [batch, rows, cols, channels], pixels `x_stride` floats apart (0: `channels`), so that it may
///          be a part of wider ones; weight: [3, 3, channels]; bias: [channels].
struct Depthwise {
    std::int64_t batch = 0, rows = 0, cols = 0, channels = 0;
    const float* x = nullptr;
    const float* weight = nullptr;
    const float* bias = nullptr;
    std::int64_t x_stride = 0;
    bool silu = false;  ///< Of the sums. With it and with strides there is no gradient.
};

/// out: [batch, rows, cols, channels]. [row_begin, row_end) counts through batch * rows and lets a caller
/// split the work; the bytes do not depend on the split.
void depthwise_forward(const Depthwise& conv, float* out, std::int64_t row_begin, std::int64_t row_end);

/// Gradients of sum(out * grad). d_x: as x; d_weight, d_bias: as the inputs, summed in the order of rows.
void depthwise_backward(const Depthwise& conv, const float* grad, float* d_x, float* d_weight, float* d_bias);

}  // namespace spectile::kernels
