#include "models/native/spectral_mamba_layout.hpp"

namespace spectile::native {
namespace {

void add_block(std::vector<WeightSpec>& specs, const entries::SpectralMambaConfig& c, int index) {
    const std::int64_t D = c.d_model, E = c.inner(), N = c.d_state, r = c.rank(), w = c.d_conv;
    const std::string block = "blocks." + std::to_string(index) + ".", mixer = block + "mixer.";
    specs.push_back({block + "norm.weight", {D}, false});
    specs.push_back({block + "norm.bias", {D}, false});
    specs.push_back({mixer + "in_proj.weight", {2 * E, D}});
    specs.push_back({mixer + "conv1d.weight", {E, 1, w}});
    specs.push_back({mixer + "conv1d.bias", {E}, false});
    specs.push_back({mixer + "x_proj.weight", {r + 2 * N, E}});
    specs.push_back({mixer + "dt_proj.weight", {E, r}});
    specs.push_back({mixer + "dt_proj.bias", {E}, false});
    specs.push_back({mixer + "A_log", {E, N}, false});
    specs.push_back({mixer + "D", {E}, false});
    specs.push_back({mixer + "out_proj.weight", {D, E}});
}

}  // namespace

std::vector<WeightSpec> spectral_mamba_layout(const entries::SpectralMambaConfig& c) {
    const std::int64_t C = c.bands, K = c.classes, k = c.gssm_kernel, p = c.piece_len, D = c.d_model;
    std::vector<WeightSpec> specs;
    if (c.patch_size > 1) {
        specs.push_back({"gssm.dw.weight", {C, 1, k, k}});
        specs.push_back({"gssm.dw.bias", {C}, false});
        specs.push_back({"gssm.pw.weight", {C, C, 1, 1}});
        specs.push_back({"gssm.pw.bias", {C}, false});
    }
    specs.push_back({"embed.weight", {D, p}});
    specs.push_back({"embed.bias", {D}, false});
    for (int block = 0; block < c.depth; ++block) add_block(specs, c, block);
    specs.push_back({"norm.weight", {D}, false});
    specs.push_back({"norm.bias", {D}, false});
    specs.push_back({"head.weight", {K, D}});
    specs.push_back({"head.bias", {K}, false});
    return specs;
}

}  // namespace spectile::native
