#include "models/networks/spectral_gpt/reconstruction.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>

#include "models/networks/spectral_gpt/block.hpp"
#include "models/networks/spectral_gpt/encoder.hpp"

namespace spectile::networks::gpt {
namespace {

/// The tokens `which` of each sample: x: [batch, tokens, width]; which: [batch, count].
at::Tensor gathered(const at::Tensor& x, const at::Tensor& which) {
    return x.gather(1, which.unsqueeze(-1).expand({-1, -1, x.size(2)}));
}

at::Tensor encode_visible(const Pass& pass, const entries::SpectralGptConfig& config, const at::Tensor& image,
                          const at::Tensor& kept) {
    const auto visible = gathered(embed(pass, config, image), kept);
    const auto encoded =
        layer_norm(pass.in("norm"), blocks(pass, "blocks", config.depth, config.heads, visible));
    pass.show("encoder_out", encoded);
    return encoded;
}

/// Every token of the decoder's width: the visible ones, and for the hidden ones the mask token.
at::Tensor with_hidden(const Pass& pass, const at::Tensor& visible, const at::Tensor& restored) {
    const auto hidden =
        pass["mask_token"].expand({visible.size(0), restored.size(1) - visible.size(1), visible.size(2)});
    return gathered(at::cat({visible, hidden}, 1), restored);
}

}  // namespace

at::Tensor reconstruct(const Pass& pass, const entries::SpectralGptConfig& config, const at::Tensor& image,
                       const Masking& masking) {
    const auto visible = linear(pass.in("decoder_embed"), encode_visible(pass, config, image, masking.kept));
    pass.show("decoder_embed", visible);
    const auto tokens = with_hidden(pass, visible, masking.restored) + positions(pass, "decoder_");
    const auto decoded =
        layer_norm(pass.in("decoder_norm"),
                   blocks(pass, "decoder_blocks", config.decoder_depth, config.decoder_heads, tokens));
    pass.show("decoder_norm", decoded);
    return linear(pass.in("decoder_pred"), decoded);
}

}  // namespace spectile::networks::gpt
