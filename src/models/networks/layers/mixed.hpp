#pragma once

#include <ATen/core/Tensor.h>

// Products in mixed precision, which is what a run with `precision: bfloat16` or `float16` asks of a device:
// operands of 16 bits, sums in float32, a result that is rounded to 16 bits and goes on as float32. The
// weight's own type says so; with a weight of float32 each is LibTorch's operator of that name. Explicit
// casts, not LibTorch's autocast: its lists of operators differ between devices and versions. Trainings, which
// promise no bytes there and want activations of 16 bits, run under autocast (training/mixed_precision.hpp).
//
// On the CPU, where LibTorch 1.13 has no such products, the same roundings stand around a product of float32:
// what a device gives but for the order of sums.

namespace spectile::networks::mixed {

/// Whether it holds numbers of 16 bits.
bool is_half(const at::Tensor& tensor);

/// `bias` stays float32 and is added behind the product's rounding, here and below; undefined: none.
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias = {});

/// Of matrices; where none of the two is a weight, `type` says what they are rounded to.
at::Tensor matmul(const at::Tensor& a, const at::Tensor& b, at::ScalarType type);

struct Stride {
    std::int64_t stride = 1, padding = 0;
};
at::Tensor conv2d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, const Stride& by);
at::Tensor conv_transpose2d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                            std::int64_t stride);

}  // namespace spectile::networks::mixed
