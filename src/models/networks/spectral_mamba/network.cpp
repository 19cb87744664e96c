#include "models/networks/spectral_mamba/network.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv1d.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/softplus.h>

#include "models/native/spectral_mamba_layout.hpp"
#include "models/networks/layers/causal_conv.hpp"
#include "models/networks/layers/four_way_scan.hpp"
#include "models/networks/layers/full_precision.hpp"
#include "models/networks/layers/mixed.hpp"
#include "models/networks/layers/selective_scan.hpp"
#include "models/networks/spectral_mamba/initial_values.hpp"

namespace spectile::networks {
namespace {

void show(const Observer& observe, const std::string& name, const at::Tensor& value) {
    if (observe) observe(name, value);
}

/// Depthwise convolutions are none, nor is the step's projection, whose few inputs decide an exponent.
bool is_product(const std::string& name) {
    for (const char* end : {"gssm.pw.weight", "embed.weight", "in_proj.weight", "x_proj.weight",
                            "out_proj.weight", "head.weight"})
        if (name.ends_with(end)) return true;
    return false;
}

/// causal_conv by LibTorch's operators: padded on both sides, of which only the first `length` outputs are
/// kept.
at::Tensor plain_causal_conv(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                             std::int64_t taps) {
    return at::conv1d(x.transpose(1, 2), weight, bias, /*stride=*/1, /*padding=*/taps - 1, /*dilation=*/1,
                      /*groups=*/x.size(2))
        .narrow(2, 0, x.size(1))
        .transpose(1, 2);
}

}  // namespace

SpectralMamba::SpectralMamba(const entries::SpectralMambaConfig& config, std::uint64_t seed)
    : config_(config), tensors_(spectral_mamba_initial_values(config, seed)) {
    for (auto& [name, tensor] : tensors_) tensor.set_requires_grad(true);
}

std::vector<NamedTensor> SpectralMamba::tensors() {
    std::vector<NamedTensor> out;
    for (const auto& spec : native::spectral_mamba_layout(config_))
        out.push_back({.name = spec.name,
                       .tensor = weight(spec.name),
                       .decay = spec.decay,
                       .product = is_product(spec.name)});
    return out;
}

bool SpectralMamba::by_kernels(const at::Tensor& x) const {
    return !reference_scan_ && x.scalar_type() == at::kFloat && x.device().is_cpu() &&
           !mixed::is_half(weight("embed.weight"));
}

at::Tensor SpectralMamba::merge_patch(const at::Tensor& x, const Observer& observe) const {
    if (config_.patch_size == 1) return x.select(3, 0).select(2, 0);
    const std::int64_t halo = config_.padding_halo(), side = config_.patch_size;
    const std::int64_t zeros = halo > 0 || config_.gssm_padding == "halo" ? 0 : (config_.gssm_kernel - 1) / 2;
    if (by_kernels(x) && config_.gssm_kernel == 3 && zeros == 1) return merge_channels_last(x, observe);
    const auto filtered =
        at::conv2d(x, weight("gssm.dw.weight"), weight("gssm.dw.bias"), /*stride=*/1, /*padding=*/zeros,
                   /*dilation=*/1, /*groups=*/config_.bands);
    const auto gate = mixed::conv2d(filtered, weight("gssm.pw.weight"), weight("gssm.pw.bias"), {});
    const auto mask = at::sigmoid(gate);
    const auto core = x.narrow(2, halo, side).narrow(3, halo, side);
    const auto merged = (mask * core).sum({2, 3});
    show(observe, "gssm.dw", filtered);
    show(observe, "gssm.pw", gate);
    show(observe, "gssm.mask", mask);
    show(observe, "gssm.out", merged);
    return merged;
}

at::Tensor SpectralMamba::merge_channels_last(const at::Tensor& x, const Observer& observe) const {
    const auto pixels = x.permute({0, 2, 3, 1}).contiguous();
    const auto filtered = depthwise_channels_last(pixels, weight("gssm.dw.weight"), weight("gssm.dw.bias"));
    const auto mixed = at::linear(filtered, weight("gssm.pw.weight").flatten(1), weight("gssm.pw.bias"));
    const auto mask = at::sigmoid(mixed);
    const auto merged = (mask * pixels).sum({1, 2});
    const auto planes = [](const at::Tensor& value) { return value.permute({0, 3, 1, 2}); };
    show(observe, "gssm.dw", planes(filtered));
    show(observe, "gssm.pw", planes(mixed));
    show(observe, "gssm.mask", planes(mask));
    show(observe, "gssm.out", merged);
    return merged;
}

at::Tensor SpectralMamba::pieces(const at::Tensor& spectra) const {
    const std::int64_t tokens = config_.tokens(), length = config_.piece_len;
    return at::constant_pad_nd(spectra, {0, tokens * length - config_.bands}).reshape({-1, tokens, length});
}

at::Tensor SpectralMamba::normalise(const at::Tensor& tokens, const std::string& name) const {
    return at::layer_norm(full_precision(tokens), {config_.d_model}, weight(name + ".weight"),
                          weight(name + ".bias"), config_.ln_eps);
}

at::Tensor SpectralMamba::scan(const at::Tensor& u, const at::Tensor& z, const std::string& name,
                               const Observer& observe) const {
    const std::int64_t rank = config_.rank(), states = config_.d_state;
    const auto projected = mixed::linear(u, weight(name + "x_proj.weight"));
    const auto parts = projected.split_with_sizes({rank, states, states}, 2);
    const auto &B = parts[1], &C = parts[2];
    const auto raw = at::linear(parts[0], weight(name + "dt_proj.weight"), weight(name + "dt_proj.bias"));
    const ScanInput input = {.u = u.transpose(1, 2),
                             .delta = raw.transpose(1, 2),
                             .A = -at::exp(weight(name + "A_log")),
                             .B = B.transpose(1, 2),
                             .C = C.transpose(1, 2),
                             .D = weight(name + "D"),
                             .z = z.defined() ? z.transpose(1, 2) : z,
                             .delta_bias = {},
                             .delta_softplus = true};
    const auto out = reference_scan_ ? selective_scan_reference(input) : selective_scan(input);
    const auto y = out.y.transpose(1, 2);
    if (observe) {
        observe(name + "B", B);
        observe(name + "C", C);
        observe(name + "dt_raw", raw);
        observe(name + "delta", at::softplus(raw));
        observe(name + "last_state", out.last_state);
        observe(name + "y", y);
    }
    return y;
}

at::Tensor SpectralMamba::mix(const at::Tensor& tokens, const std::string& name,
                              const Observer& observe) const {
    const std::int64_t inner = config_.inner();
    const auto both = mixed::linear(tokens, weight(name + "in_proj.weight"));
    const auto halves = both.split_with_sizes({inner, inner}, 2);
    const auto &x = halves[0], &z = halves[1];
    const auto &taps = weight(name + "conv1d.weight"), &bias = weight(name + "conv1d.bias");
    const bool plain = !by_kernels(tokens);
    const auto convolved =
        plain ? plain_causal_conv(x, taps, bias, config_.d_conv) : causal_conv(full_precision(x), taps, bias);
    const auto u = at::silu(convolved);
    // The kernel's scan gates as it goes, unless somebody wants to see what there is to gate.
    const bool apart = plain || observe;
    const auto scanned = scan(u, apart ? at::Tensor() : z, name, observe);
    const auto gated = apart ? scanned * at::silu(z) : scanned;
    const auto out = mixed::linear(gated, weight(name + "out_proj.weight"));
    show(observe, name + "x", x);
    show(observe, name + "z", z);
    show(observe, name + "conv", convolved);
    show(observe, name + "u", u);
    show(observe, name + "gated", gated);
    show(observe, name + "out", out);
    return out;
}

at::Tensor SpectralMamba::forward(const at::Tensor& x, const Observer& observe) {
    const auto parts = pieces(merge_patch(x, observe));
    auto tokens = full_precision(mixed::linear(parts, weight("embed.weight"), weight("embed.bias")));
    show(observe, "pieces", parts);
    show(observe, "embed", tokens);
    for (int index = 0; index < config_.depth; ++index) {
        const std::string block = "blocks." + std::to_string(index) + ".";
        const auto normed = normalise(tokens, block + "norm");
        show(observe, block + "norm", normed);
        tokens = tokens + mix(normed, block + "mixer.", observe);
        show(observe, block + "out", tokens);
    }
    const auto normed = normalise(tokens, "norm");
    const auto pooled = normed.mean(1);
    show(observe, "norm", normed);
    show(observe, "pooled", pooled);
    return mixed::linear(pooled, weight("head.weight"), weight("head.bias"));
}

}  // namespace spectile::networks
