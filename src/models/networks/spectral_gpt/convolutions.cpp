#include "models/networks/spectral_gpt/convolutions.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/group_norm.h>
#include <ATen/ops/upsample_bilinear2d.h>

#include "models/networks/layers/full_precision.hpp"
#include "models/networks/layers/mixed.hpp"

namespace spectile::networks::gpt {
namespace {

constexpr double kGroupEpsilon = 1e-5;

/// weight: [out, in]; x: [batch, in, pixels].
at::Tensor product(const at::Tensor& weight, const at::Tensor& x) {
    const auto weights = weight.unsqueeze(0).expand({x.size(0), -1, -1});
    return mixed::is_half(weight) ? mixed::matmul(weights, x, weight.scalar_type()) : at::bmm(weights, x);
}

}  // namespace

at::Tensor mix_channels(const at::Tensor& weight, const at::Tensor& x) {
    return product(weight.flatten(1), x.flatten(2)).view({x.size(0), -1, x.size(2), x.size(3)});
}

at::Tensor conv1x1(const Pass& pass, const at::Tensor& x) {
    return mix_channels(pass["weight"], x).add_(pass["bias"].view({-1, 1, 1}));
}

at::Tensor enlarge(const Pass& pass, const at::Tensor& x) {
    const auto& weight = pass["weight"];
    const std::int64_t batch = x.size(0), out = weight.size(1), n = weight.size(2), rows = x.size(2),
                       cols = x.size(3);
    return product(weight.flatten(1).t(), x.flatten(2))
        .view({batch, out, n, n, rows, cols})
        .permute({0, 1, 4, 2, 5, 3})
        .reshape({batch, out, rows * n, cols * n})
        .add_(pass["bias"].view({-1, 1, 1}));
}

at::Tensor conv_norm_gelu(const Pass& pass, const at::Tensor& x, std::int64_t groups) {
    return norm_gelu(pass, conv1x1(pass.in("0"), x), groups);
}

at::Tensor norm_gelu(const Pass& pass, const at::Tensor& x, std::int64_t groups) {
    return at::gelu(at::group_norm(full_precision(x), groups, pass["1.weight"], pass["1.bias"], kGroupEpsilon,
                                   /*cudnn_enabled=*/false));
}

at::Tensor resize(const at::Tensor& x, std::int64_t side) {
    return at::upsample_bilinear2d(x, {side, side}, /*align_corners=*/true);
}

}  // namespace spectile::networks::gpt
