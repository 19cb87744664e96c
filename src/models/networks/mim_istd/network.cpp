#include "models/networks/mim_istd/network.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/upsample_bilinear2d.h>

#include "models/networks/layers/counter_random.hpp"
#include "models/networks/mim_istd/decoder.hpp"
#include "models/networks/mim_istd/encoder.hpp"
#include "models/networks/mim_istd/weight_layout.hpp"
#include "spectile/error.hpp"

namespace spectile::networks {

namespace {

/// Of convolutions, but depthwise ones, linear layers and the scans' projection; not of the steps, whose few
/// inputs decide an exponent.
bool is_product(const LayoutTensor& weight) {
    if (weight.name.ends_with("x_proj_weight")) return true;
    return weight.name.ends_with(".weight") && weight.shape.size() > 1 && weight.shape[1] > 1;
}

}  // namespace

MimIstd::MimIstd(const entries::MimIstdConfig& config, std::uint64_t seed)
    : config_(config), tensors_(draw_initial_values(mim_istd_layout(config), seed)) {
    for (const auto& weight : mim_istd_layout(config_))
        tensors_.at(weight.name).set_requires_grad(!weight.buffer);
}

std::vector<NamedTensor> MimIstd::tensors() {
    std::vector<NamedTensor> out;
    for (const auto& weight : mim_istd_layout(config_))
        out.push_back({.name = weight.name,
                       .tensor = tensors_.at(weight.name),
                       .decay = true,
                       .trainable = !weight.buffer,
                       .product = is_product(weight)});
    return out;
}

void MimIstd::require_legal(const at::Tensor& x) const {
    const auto text = std::to_string(x.size(3)) + "x" + std::to_string(x.size(2));
    if (x.size(2) != x.size(3))
        throw Error(Code::scene, "mim_istd: reads square images, not " + text +
                                     "; other shapes run in tiles (spectile detect)");
    if (x.size(2) % config_.multiple() != 0 || x.size(2) == 0)
        throw Error(Code::scene, "mim_istd: the side of an image must be a multiple of " +
                                     std::to_string(config_.multiple()) + ", not " + text +
                                     "; other sizes run in tiles (spectile detect)");
    if (x.size(1) != config_.bands)
        throw Error(Code::scene, "mim_istd: reads " + std::to_string(config_.bands) + " bands, not " +
                                     std::to_string(x.size(1)));
}

at::Tensor MimIstd::dropout_mask(const at::Tensor& x) const {
    if (!training_ || config_.dropout <= 0) return {};
    at::Tensor mask = at::empty({x.size(0), x.size(1) / 4, x.size(2), x.size(3)}, at::kFloat);
    const auto kept = static_cast<float>(1 / (1 - config_.dropout));
    float* values = mask.data_ptr<float>();
    for (std::int64_t i = 0; i < mask.numel(); ++i)
        values[i] = uniform_of(dropout_key_, static_cast<std::uint64_t>(i)) < config_.dropout ? 0.0F : kept;
    return mask.to(x.options());
}

at::Tensor MimIstd::forward(const at::Tensor& x, const Observer& observe) {
    require_legal(x);
    mim::Pass pass(tensors_, observe);
    pass.training = training_;
    pass.official = config_.official();
    pass.reference_scan = reference_scan_;
    pass.plain = plain_;
    const auto input =
        config_.bands == config_.channels ? x : x.expand({-1, config_.channels, -1, -1}).contiguous();
    const auto decoded = mim::decode(pass, mim::encode(pass.in("mim_backbone"), config_, input));
    const auto logits = mim::head(pass, decoded, dropout_mask(decoded));
    return at::upsample_bilinear2d(logits, {x.size(2), x.size(3)}, /*align_corners=*/false);
}

}  // namespace spectile::networks
