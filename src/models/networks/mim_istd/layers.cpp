#include "models/networks/mim_istd/layers.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>

#include "models/networks/layers/four_way_scan.hpp"
#include "models/networks/layers/full_precision.hpp"
#include "models/networks/layers/mixed.hpp"
#include "models/networks/mim_istd/by_kernel.hpp"

namespace spectile::networks::mim {
namespace {

constexpr double kEpsilon = 1e-5, kMomentum = 0.1;

at::Tensor bias_of(const Pass& pass) { return pass.has("bias") ? pass["bias"] : at::Tensor(); }

/// GELU; where nothing is to be differentiated it takes its argument's memory.
at::Tensor activated(at::Tensor x) { return at::GradMode::is_enabled() ? at::gelu(x) : at::gelu_(x); }

}  // namespace

at::Tensor layer_norm(const Pass& pass, const at::Tensor& x) {
    const auto& weight = pass["weight"];
    return at::layer_norm(full_precision(x), weight.sizes(), weight, pass["bias"], kEpsilon);
}

at::Tensor batch_norm(const Pass& pass, const at::Tensor& x) {
    return at::batch_norm(x, pass["weight"], pass["bias"], pass["running_mean"], pass["running_var"],
                          pass.training, kMomentum, kEpsilon, /*cudnn_enabled=*/false);
}

at::Tensor conv(const Pass& pass, const at::Tensor& x, std::int64_t stride) {
    const auto& weight = pass["weight"];
    return mixed::conv2d(x, weight, bias_of(pass), {stride, weight.size(2) / 2});
}

at::Tensor conv_norm(const Pass& of_conv, const Pass& norm, const at::Tensor& x, const After& after) {
    if (infers_by_kernel(of_conv, x)) return conv_norm_by_kernel(of_conv, norm, x, after);
    auto out = batch_norm(norm, conv(of_conv, x, after.stride));
    if (after.added.defined()) out.add_(after.added);
    if (after.activation == kernels::Activation::relu) return out.relu_();
    return after.activation == kernels::Activation::gelu ? at::gelu(out) : out;
}

at::Tensor depthwise(const Pass& pass, const at::Tensor& x) {
    const auto& weight = pass["weight"];
    if (!pass.reference_scan && !pass.plain && x.scalar_type() == at::kFloat && x.device().is_cpu())
        return depthwise_channels_last(x.permute({0, 2, 3, 1}), weight, pass["bias"]).permute({0, 3, 1, 2});
    return at::conv2d(x, weight, bias_of(pass), /*stride=*/1, /*padding=*/1, /*dilation=*/1,
                      /*groups=*/weight.size(0));
}

at::Tensor conv_mlp(const Pass& pass, const at::Tensor& x) {
    if (infers_by_kernel(pass, x)) return conv_mlp_by_kernel(pass, x.contiguous());
    const Pass first = pass.in("conv1x1_gelu_bn.conv3x3_gelu_bn");
    const auto hidden = batch_norm(first.in("2"), activated(conv(first.in("0"), x)));
    const auto mixed =
        batch_norm(pass.in("act.1"), activated(depthwise(pass.in("conv3x3_dw.conv"), hidden))).add_(hidden);
    return batch_norm(pass.in("conv1x1_pw.1"), conv(pass.in("conv1x1_pw.0"), mixed));
}

}  // namespace spectile::networks::mim
