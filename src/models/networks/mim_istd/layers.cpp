#include "models/networks/mim_istd/layers.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>

#include "models/networks/layers/four_way_scan.hpp"

namespace spectile::networks::mim {
namespace {

constexpr double kEpsilon = 1e-5, kMomentum = 0.1;

at::Tensor bias_of(const Pass& pass) { return pass.has("bias") ? pass["bias"] : at::Tensor(); }

}  // namespace

at::Tensor layer_norm(const Pass& pass, const at::Tensor& x) {
    const auto& weight = pass["weight"];
    return at::layer_norm(x, weight.sizes(), weight, pass["bias"], kEpsilon);
}

at::Tensor batch_norm(const Pass& pass, const at::Tensor& x) {
    return at::batch_norm(x, pass["weight"], pass["bias"], pass["running_mean"], pass["running_var"],
                          pass.training, kMomentum, kEpsilon, /*cudnn_enabled=*/false);
}

at::Tensor conv(const Pass& pass, const at::Tensor& x, std::int64_t stride) {
    const auto& weight = pass["weight"];
    return at::conv2d(x, weight, bias_of(pass), stride, /*padding=*/weight.size(2) / 2);
}

at::Tensor depthwise(const Pass& pass, const at::Tensor& x) {
    const auto& weight = pass["weight"];
    if (!pass.reference_scan && x.scalar_type() == at::kFloat && x.device().is_cpu())
        return depthwise_channels_last(x.permute({0, 2, 3, 1}), weight, pass["bias"]).permute({0, 3, 1, 2});
    return at::conv2d(x, weight, bias_of(pass), /*stride=*/1, /*padding=*/1, /*dilation=*/1,
                      /*groups=*/weight.size(0));
}

at::Tensor conv_mlp(const Pass& pass, const at::Tensor& x) {
    const Pass first = pass.in("conv1x1_gelu_bn.conv3x3_gelu_bn");
    auto hidden = batch_norm(first.in("2"), at::gelu(conv(first.in("0"), x)));
    hidden = hidden + batch_norm(pass.in("act.1"), at::gelu(depthwise(pass.in("conv3x3_dw.conv"), hidden)));
    return batch_norm(pass.in("conv1x1_pw.1"), conv(pass.in("conv1x1_pw.0"), hidden));
}

}  // namespace spectile::networks::mim
