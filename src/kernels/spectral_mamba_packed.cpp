#include "kernels/spectral_mamba_packed.hpp"

#include <algorithm>
#include <cmath>

namespace spectile::kernels {
namespace {

std::size_t to_16(std::size_t n) { return (n + 15) / 16 * 16; }

std::vector<float> padded(const float* values, std::size_t count, std::size_t width) {
    std::vector<float> out(width, 0.0F);
    std::copy_n(values, count, out.begin());
    return out;
}

/// [rows, cols] to [cols][width], width >= rows.
std::vector<float> transposed(const float* values, std::size_t rows, std::size_t cols, std::size_t width) {
    std::vector<float> out(cols * width, 0.0F);
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t c = 0; c < cols; ++c) out[c * width + r] = values[r * cols + c];
    return out;
}

/// Zero padding: position o of the patch meets only the taps that stay within the patch (specification 6.1).
std::vector<std::vector<PatchTap>> taps_within_patch(int side, int kernel) {
    std::vector<std::vector<PatchTap>> positions;
    const int reach = kernel / 2;
    for (int row = 0; row < side; ++row)
        for (int col = 0; col < side; ++col) {
            std::vector<PatchTap> taps;
            for (int dy = -reach; dy <= reach; ++dy)
                for (int dx = -reach; dx <= reach; ++dx) {
                    const int y = row + dy;
                    const int x = col + dx;
                    if (y < 0 || y >= side || x < 0 || x >= side) continue;
                    taps.push_back({static_cast<std::size_t>((dy + reach) * kernel + dx + reach),
                                    static_cast<std::size_t>(y * side + x)});
                }
            positions.push_back(std::move(taps));
        }
    return positions;
}

/// Halo: every tap is live, and the "patch" is the kernel's own square.
std::vector<std::vector<PatchTap>> every_tap(int kernel) {
    std::vector<PatchTap> taps;
    for (std::size_t tap = 0; tap < static_cast<std::size_t>(kernel) * kernel; ++tap)
        taps.push_back({tap, tap});
    return {taps};
}

void pack_decay(const float* A_log, std::size_t inner, std::size_t states, std::size_t width,
                PackedMixer& out) {
    out.a2.assign(width * states, 0.0F);
    out.a2_largest.assign(width, 0.0F);
    for (std::size_t e = 0; e < inner; ++e)
        for (std::size_t n = 0; n < states; ++n) {
            // In double: the rounding of A itself would be multiplied by delta.
            const auto a2 = static_cast<float>(-std::exp(static_cast<double>(A_log[e * states + n])) *
                                               1.4426950408889634);
            out.a2[((e / 16) * states + n) * 16 + e % 16] = a2;
            out.a2_largest[e] = std::max(out.a2_largest[e], std::fabs(a2));
        }
}

PackedMixer pack_mixer(const SpectralMambaShape& shape, const SpectralMambaWeights::Block& block,
                       std::size_t model_width, std::size_t width) {
    const auto model = static_cast<std::size_t>(shape.d_model);
    const auto inner = static_cast<std::size_t>(shape.inner());
    const auto states = static_cast<std::size_t>(shape.d_state);
    const auto rank = static_cast<std::size_t>(shape.rank());
    PackedMixer out;
    out.norm_weight = padded(block.norm_weight, model, model_width);
    out.norm_bias = padded(block.norm_bias, model, model_width);
    out.in_x = PackedMatrix(block.in_proj, inner, model);
    out.in_z = PackedMatrix(block.in_proj + inner * model, inner, model);
    out.conv_weight = transposed(block.conv_weight, inner, static_cast<std::size_t>(shape.d_conv), width);
    out.conv_bias = padded(block.conv_bias, inner, width);
    std::vector<const float*> rows;
    for (std::size_t row = rank; row < rank + 2 * states; ++row) rows.push_back(block.x_proj + row * inner);
    for (std::size_t row = 0; row < rank; ++row) rows.push_back(block.x_proj + row * inner);
    out.x_proj = PackedMatrix(rows, inner);
    out.dt_weight = transposed(block.dt_weight, inner, rank, width);
    out.dt_bias = padded(block.dt_bias, inner, width);
    pack_decay(block.A_log, inner, states, width, out);
    out.skip = padded(block.D, inner, width);
    out.out_proj = PackedMatrix(block.out_proj, model, inner);
    return out;
}

}  // namespace

PackedSpectralMamba::PackedSpectralMamba(const SpectralMambaShape& s, const SpectralMambaWeights& weights,
                                         bool bfloat16)
    : shape(s) {
    const auto bands = static_cast<std::size_t>(s.bands);
    const auto model = static_cast<std::size_t>(s.d_model);
    const auto classes = static_cast<std::size_t>(s.classes);
    band_width = to_16(bands);
    model_width = to_16(model);
    channel_width = to_16(static_cast<std::size_t>(s.inner()));
    low_offset = 2 * static_cast<std::size_t>(s.d_state);
    if (has_gssm()) {
        const auto taps = static_cast<std::size_t>(s.gssm_kernel) * static_cast<std::size_t>(s.gssm_kernel);
        dw_weight = transposed(weights.gssm_dw_weight, bands, taps, band_width);
        dw_bias = padded(weights.gssm_dw_bias, bands, band_width);
        patch_taps =
            s.halo_padding ? every_tap(s.gssm_kernel) : taps_within_patch(s.patch_size, s.gssm_kernel);
        if (bfloat16)
            pw_low = Bfloat16Matrix(weights.gssm_pw_weight, bands, bands);
        else
            pw = PackedMatrix(weights.gssm_pw_weight, bands, bands);
        pw_bias = padded(weights.gssm_pw_bias, bands, band_width);
    }
    embed = PackedMatrix(weights.embed_weight, model, static_cast<std::size_t>(s.piece_len));
    embed_bias = padded(weights.embed_bias, model, model_width);
    for (const auto& block : weights.blocks)
        mixers.push_back(pack_mixer(s, block, model_width, channel_width));
    norm_weight = padded(weights.norm_weight, model, model_width);
    norm_bias = padded(weights.norm_bias, model, model_width);
    head = PackedMatrix(weights.head_weight, classes, model);
    class_width = head.width();
    head_bias = padded(weights.head_bias, classes, class_width);
}

}  // namespace spectile::kernels
