#pragma once

#include <cstdint>

namespace spectile::kernels {

/// Softmax over the channels of each pixel, with the pixel's largest logit subtracted first.
///
/// Shape    logits, probabilities: float32 [channels, pixels]; they may be the same array.
/// Threads  no state; a pixel's result depends on its own logits alone.
void softmax_channels(const float* logits, std::int64_t channels, std::int64_t pixels, float* probabilities);

}  // namespace spectile::kernels
