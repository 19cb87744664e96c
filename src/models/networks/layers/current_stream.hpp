#pragma once

#include <c10/core/Device.h>

namespace spectile::networks {

/// What launches on tensors of that device go to: the stream that LibTorch's own operators of this thread use
/// there, as the kernels' launchers take it. Null, the default stream, where LibTorch has no CUDA.
void* current_stream(const c10::Device& device);

}  // namespace spectile::networks
