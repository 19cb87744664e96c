#include "models/networks/spectral_gpt/encoder.hpp"

#include <ATen/TensorOperators.h>

#include "models/networks/layers/mixed.hpp"
#include "models/networks/spectral_gpt/block.hpp"

namespace spectile::networks::gpt {

using entries::SpectralGptConfig;

at::Tensor patchify(const SpectralGptConfig& config, const at::Tensor& image) {
    const std::int64_t batch = image.size(0), g = config.grid(), p = config.patch;
    return image.reshape({batch, config.groups(), config.group, g, p, g, p})
        .permute({0, 1, 3, 5, 2, 4, 6})
        .reshape({batch, config.tokens(), config.token_values()});
}

at::Tensor unpatchify(const SpectralGptConfig& config, const at::Tensor& tokens) {
    const std::int64_t batch = tokens.size(0), g = config.grid(), p = config.patch;
    return tokens.reshape({batch, config.groups(), g, g, config.group, p, p})
        .permute({0, 1, 4, 2, 5, 3, 6})
        .reshape({batch, config.bands, config.side, config.side});
}

at::Tensor positions(const Pass& pass, const std::string& prefix) {
    if (pass.has(prefix + "pos_embed")) return pass[prefix + "pos_embed"];
    const auto& spatial = pass[prefix + "pos_embed_spatial"];
    const auto& temporal = pass[prefix + "pos_embed_temporal"];
    return (spatial.unsqueeze(1) + temporal.unsqueeze(2)).flatten(1, 2);
}

at::Tensor embed(const Pass& pass, const SpectralGptConfig& config, const at::Tensor& image) {
    // Kernel and stride are one, so the convolution is a product of each token's values.
    const auto embedded = mixed::linear(patchify(config, image), pass["patch_embed.proj.weight"].flatten(1),
                                        pass["patch_embed.proj.bias"]);
    pass.show("patch_embed",
              embedded.view({image.size(0), config.groups(), config.positions(), config.embed}));
    return embedded + positions(pass);
}

namespace {

/// By the kernels, one sample after the other: several would leave the caches. x is replaced.
at::Tensor encode(const Inference& inference, const at::Tensor& x) {
    const auto samples = x.contiguous();
    for (std::int64_t sample = 0; sample < samples.size(0); ++sample)
        inference.blocks->run(*inference.memory, samples[sample].data_ptr<float>(), *inference.parallel);
    return samples;
}

}  // namespace

at::Tensor encode(const Pass& pass, const SpectralGptConfig& config, const at::Tensor& image) {
    if (pass.inference) return encode(*pass.inference, embed(pass, config, image));
    return blocks(pass, "blocks", config.depth, config.heads, embed(pass, config, image));
}

}  // namespace spectile::networks::gpt
