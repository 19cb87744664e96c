#include "models/networks/layers/mixed.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/conv_transpose2d.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>

namespace spectile::networks::mixed {
namespace {

/// product(a, b) of numbers of that type.
template <typename Product>
at::Tensor rounded(const at::Tensor& a, const at::Tensor& b, at::ScalarType type, const Product& product) {
    if (!a.device().is_cpu()) return product(a.to(type), b.to(type)).to(at::kFloat);
    const auto near = [&](const at::Tensor& x) { return x.to(type).to(at::kFloat); };
    return near(product(near(a), near(b)));
}

/// To [batch, channels, rows, cols].
at::Tensor add_to_channels(const at::Tensor& x, const at::Tensor& bias) {
    return bias.defined() ? x + bias.view({-1, 1, 1}) : x;
}

}  // namespace

bool is_half(const at::Tensor& tensor) {
    return tensor.scalar_type() == at::kHalf || tensor.scalar_type() == at::kBFloat16;
}

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    if (!is_half(weight)) return at::linear(x, weight, bias);
    const auto out = rounded(x, weight, weight.scalar_type(),
                             [](const at::Tensor& a, const at::Tensor& w) { return at::linear(a, w); });
    return bias.defined() ? out + bias : out;
}

at::Tensor matmul(const at::Tensor& a, const at::Tensor& b, at::ScalarType type) {
    if (type != at::kHalf && type != at::kBFloat16) return at::matmul(a, b);
    return rounded(a, b, type,
                   [](const at::Tensor& left, const at::Tensor& right) { return at::matmul(left, right); });
}

at::Tensor conv2d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, const Stride& by) {
    if (!is_half(weight)) return at::conv2d(x, weight, bias, by.stride, by.padding);
    return add_to_channels(rounded(x, weight, weight.scalar_type(),
                                   [&](const at::Tensor& a, const at::Tensor& w) {
                                       return at::conv2d(a, w, /*bias=*/{}, by.stride, by.padding);
                                   }),
                           bias);
}

at::Tensor conv_transpose2d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                            std::int64_t stride) {
    if (!is_half(weight)) return at::conv_transpose2d(x, weight, bias, stride);
    return add_to_channels(rounded(x, weight, weight.scalar_type(),
                                   [&](const at::Tensor& a, const at::Tensor& w) {
                                       return at::conv_transpose2d(a, w, /*bias=*/{}, stride);
                                   }),
                           bias);
}

}  // namespace spectile::networks::mixed
