#include "models/networks/spectral_gpt/network.hpp"

#include <ATen/core/grad_mode.h>

#include "models/networks/spectral_gpt/classifier.hpp"
#include "models/networks/spectral_gpt/dense_head.hpp"
#include "models/networks/spectral_gpt/reconstruction.hpp"
#include "models/networks/spectral_gpt/weight_layout.hpp"
#include "spectile/error.hpp"

namespace spectile::networks {
namespace {

/// Weight decay as published: not for biases and norms; position tables only in pretraining.
bool decays(const LayoutTensor& tensor, bool pretraining) {
    return tensor.shape.size() > 1 && (pretraining || !tensor.name.starts_with("pos_embed"));
}

}  // namespace

SpectralGpt::SpectralGpt(const entries::SpectralGptConfig& config, std::uint64_t seed)
    : SpectralGpt(config, draw_initial_values(spectral_gpt_layout(config), seed)) {}

SpectralGpt::SpectralGpt(const entries::SpectralGptConfig& config, std::map<std::string, at::Tensor> tensors)
    : config_(config), tensors_(std::move(tensors)) {
    if (config_.pos_embed == "auto") config_.pos_embed = "separable";
    for (const auto& tensor : spectral_gpt_layout(config_)) tensors_.at(tensor.name).set_requires_grad(true);
}

std::vector<NamedTensor> SpectralGpt::tensors() {
    std::vector<NamedTensor> out;
    for (const auto& tensor : spectral_gpt_layout(config_))
        out.push_back({.name = tensor.name,
                       .tensor = tensors_.at(tensor.name),
                       .decay = decays(tensor, config_.task == "pretraining"),
                       .product = tensor.shape.size() > 1 && tensor.name.ends_with(".weight")});
    return out;
}

void SpectralGpt::require_legal(const at::Tensor& x) const {
    if (x.dim() == 4 && x.size(1) == config_.input_bands() && x.size(2) == config_.side &&
        x.size(3) == config_.side)
        return;
    const auto side = std::to_string(config_.side);
    std::string found;
    for (const auto size : x.sizes().slice(1)) found += (found.empty() ? "" : "x") + std::to_string(size);
    throw Error(Code::scene, "spectral_gpt: reads " + std::to_string(config_.input_bands()) + " bands of " +
                                 side + "x" + side + " pixels, not " + found);
}

bool SpectralGpt::blockwise(const at::Tensor& x) const {
    return !plain_attention_ && !at::GradMode::is_enabled() && x.scalar_type() == at::kFloat &&
           x.device().is_cpu() && product_type() == at::kFloat;
}

at::ScalarType SpectralGpt::product_type() const {
    return tensors_.at("patch_embed.proj.weight").scalar_type();
}

at::Tensor SpectralGpt::reconstruct(const at::Tensor& x, const Masking& masking, const Observer& observe) {
    require_legal(x);
    gpt::Pass pass(tensors_, observe);
    pass.blockwise = blockwise(x);
    return gpt::reconstruct(pass, config_, x, masking);
}

at::Tensor SpectralGpt::forward(const at::Tensor& x, const Observer& observe) {
    require_legal(x);
    if (config_.task == "pretraining") {
        const auto noise = masking_noise(0, 0, 0, x.size(0), config_.tokens()).to(x.device());
        return reconstruct(x, mask_tokens(noise, config_.mask_ratio), observe);
    }
    gpt::Pass pass(tensors_, observe);
    pass.blockwise = blockwise(x);
    pass.products = product_type();
    return predict(pass, x);
}

at::Tensor SpectralGpt::forward_dropping(const at::Tensor& x, const gpt::Drops& drops) {
    require_legal(x);
    static const Observer nobody;
    gpt::Pass pass(tensors_, nobody);
    pass.blockwise = blockwise(x);
    pass.drops = &drops;
    return predict(pass, x);
}

at::Tensor SpectralGpt::infer(const at::Tensor& x, const gpt::Inference& inference, const Observer& observe) {
    require_legal(x);
    gpt::Pass pass(tensors_, observe);
    pass.inference = &inference;
    return predict(pass, x);
}

at::Tensor SpectralGpt::predict(const gpt::Pass& pass, const at::Tensor& x) const {
    if (config_.task == "classification") return gpt::classify(pass, config_, x);
    return config_.task == "change" ? gpt::detect_change(pass, config_, x) : gpt::segment(pass, config_, x);
}

}  // namespace spectile::networks
