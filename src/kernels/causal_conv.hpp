#pragma once

#include <cstdint>

namespace spectile::kernels {

/// A depthwise convolution along sequences of tokens that looks back only (Mamba's conv1d), channels last;
/// before a sequence begins there are zeros.
///
/// Shapes   x: [batch, length, channels], tokens `x_stride` floats apart, so that it may be a part of wider
///          ones; weight: [taps, channels], the last tap on the token itself; bias: [channels].
/// Source   Gu and Dao, Mamba, section 3.4 (the convolution before the scan).
struct CausalConv {
    std::int64_t batch = 0, length = 0, channels = 0, taps = 0, x_stride = 0;
    const float* x = nullptr;
    const float* weight = nullptr;
    const float* bias = nullptr;
};

/// out: [batch, length, channels]. [begin, end) counts sequences and lets a caller split the work; the bytes
/// do not depend on the split.
void causal_conv_forward(const CausalConv& conv, float* out, std::int64_t begin, std::int64_t end);

/// Gradients of sum(out * grad). d_x: [batch, length, channels]; d_weight, d_bias: as the inputs, summed in
/// the order of tokens.
void causal_conv_backward(const CausalConv& conv, const float* grad, float* d_x, float* d_weight,
                          float* d_bias);

}  // namespace spectile::kernels
