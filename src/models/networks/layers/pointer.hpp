#pragma once

#include <ATen/core/Tensor.h>

namespace spectile::networks {

/// Whether an optional tensor was passed.
inline bool given(const at::Tensor& tensor) { return tensor.defined() && tensor.numel() > 0; }

/// What kernels take: the first value of a contiguous float32 tensor, null for one that was not passed.
inline float* pointer(const at::Tensor& tensor) { return given(tensor) ? tensor.data_ptr<float>() : nullptr; }

}  // namespace spectile::networks
