#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/golden_file.hpp"

// Golden vectors as LibTorch tensors. Header-only; only for tests that link LibTorch.

namespace spectile::test {

/// A copy with the golden's shape: `type` for floats, int64 for integers.
inline at::Tensor tensor_of(const GoldenTensor& golden, at::ScalarType type = at::kFloat) {
    if (!golden.integers.empty())
        return at::from_blob(const_cast<std::int64_t*>(golden.integers.data()), golden.shape, at::kLong)
            .clone();
    return at::from_blob(const_cast<float*>(golden.values.data()), golden.shape, at::kFloat).clone().to(type);
}

/// max |ours - golden| / max |golden| in double; infinite where shapes differ, ours is not finite, or golden
/// is all zero and ours is not.
inline double tensor_error(const at::Tensor& ours, const GoldenTensor& golden) {
    constexpr double kInfinite = std::numeric_limits<double>::infinity();
    if (!ours.defined() || ours.sizes().vec() != golden.shape) return kInfinite;
    const auto theirs = tensor_of(golden, at::kDouble);
    const double worst = (ours.detach().to(at::kDouble) - theirs).abs().max().item<double>();
    const double largest = theirs.abs().max().item<double>();
    if (!std::isfinite(worst)) return kInfinite;
    if (largest == 0) return worst == 0 ? 0 : kInfinite;
    return worst / largest;
}

}  // namespace spectile::test
