#include "models/networks/spectral_gpt/classifier.hpp"

#include "models/networks/spectral_gpt/block.hpp"
#include "models/networks/spectral_gpt/encoder.hpp"

namespace spectile::networks::gpt {

at::Tensor classify(const Pass& pass, const entries::SpectralGptConfig& config, const at::Tensor& image) {
    const std::int64_t first = config.legacy_pool ? 1 : 0;
    const auto tokens = encode(pass, config, image);
    const auto pooled = tokens.narrow(1, first, tokens.size(1) - first).mean(1);
    pass.show("pooled", pooled);
    const auto normed = layer_norm(pass.in("norm"), pooled);
    pass.show("norm", normed);
    return linear(pass.in("head"), normed);
}

}  // namespace spectile::networks::gpt
