#pragma once

#include <ATen/core/Tensor.h>

namespace spectile::networks {

/// float32 of what an autocast left in half precision; anything else as it is. For layers whose sums want it:
/// norms, scans, residuals, losses.
inline at::Tensor full_precision(const at::Tensor& x) {
    if (!x.defined()) return x;
    const auto type = x.scalar_type();
    return type == at::kHalf || type == at::kBFloat16 ? x.to(at::kFloat) : x;
}

}  // namespace spectile::networks
