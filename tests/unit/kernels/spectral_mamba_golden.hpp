#pragma once

#include "kernels/spectral_mamba.hpp"
#include "support/golden_file.hpp"

namespace spectile::kernels::test {

inline SpectralMambaShape shape_of(const spectile::test::GoldenFile& file) {
    const auto config = file.config();
    SpectralMambaShape shape;
    shape.bands = config.at("bands");
    shape.classes = config.at("classes");
    shape.patch_size = config.at("patch_size");
    shape.gssm_kernel = config.at("gssm_kernel");
    shape.halo_padding = config.at("gssm_padding") == "halo";
    shape.piece_len = config.at("piece_len");
    shape.d_model = config.at("d_model");
    shape.depth = config.at("depth");
    shape.expand = config.at("expand");
    shape.d_state = config.at("d_state");
    shape.d_conv = config.at("d_conv");
    shape.dt_rank = config.at("dt_rank");
    shape.ln_eps = config.at("ln_eps");
    return shape;
}

/// Pointers into the file's `state.*` tensors.
inline SpectralMambaWeights weights_of(const spectile::test::GoldenFile& file) {
    const auto get = [&](const std::string& key) { return file.data_or_null("state." + key); };
    SpectralMambaWeights weights;
    weights.gssm_dw_weight = get("gssm.dw.weight");
    weights.gssm_dw_bias = get("gssm.dw.bias");
    weights.gssm_pw_weight = get("gssm.pw.weight");
    weights.gssm_pw_bias = get("gssm.pw.bias");
    weights.embed_weight = file.at("state.embed.weight").data();
    weights.embed_bias = file.at("state.embed.bias").data();
    for (int i = 0; i < shape_of(file).depth; ++i) {
        const auto of = [&](const char* key) {
            return file.at("state.blocks." + std::to_string(i) + "." + key).data();
        };
        weights.blocks.push_back(
            {of("norm.weight"), of("norm.bias"), of("mixer.in_proj.weight"), of("mixer.conv1d.weight"),
             of("mixer.conv1d.bias"), of("mixer.x_proj.weight"), of("mixer.dt_proj.weight"),
             of("mixer.dt_proj.bias"), of("mixer.A_log"), of("mixer.D"), of("mixer.out_proj.weight")});
    }
    weights.norm_weight = file.at("state.norm.weight").data();
    weights.norm_bias = file.at("state.norm.bias").data();
    weights.head_weight = file.at("state.head.weight").data();
    weights.head_bias = file.at("state.head.bias").data();
    return weights;
}

}  // namespace spectile::kernels::test
