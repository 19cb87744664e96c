#pragma once

#include <cstdint>

namespace spectile::kernels {

/// Index of the largest channel of each pixel; the first of equals wins; NaN never wins over a number before
/// or after it.
///
/// Shape    values: float32 [channels, pixels], channels >= 1; index: [pixels].
/// Threads  no state; pixels may be split in any way.
void argmax_channels(const float* values, std::int64_t channels, std::int64_t pixels, std::int32_t* index);

}  // namespace spectile::kernels
