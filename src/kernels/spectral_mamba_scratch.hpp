#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/spectral_mamba_packed.hpp"

namespace spectile::kernels {

/// How the work is cut, so that intermediates stay in the first two cache levels. No figure of it changes a
/// result.
struct SpectralMambaCut {
    std::size_t strip = 32;  ///< Columns walked down together; transposed input rows are kept for a strip.
    std::size_t block = 8;   ///< Pixels whose patches are multiplied together.
    std::size_t group = 2;   ///< Pixels that go through the S6 blocks together.

    explicit SpectralMambaCut(const PackedSpectralMamba& network) {
        constexpr std::size_t kPatchRows = 108;  // two buffers of 200 bands: 180 KB
        constexpr std::size_t kTokenRows = 80;
        if (network.has_gssm() && !network.shape.halo_padding)
            block = std::clamp<std::size_t>(kPatchRows / network.positions(), 1, strip);
        if (network.shape.halo_padding) block = strip;
        group =
            std::clamp<std::size_t>(kTokenRows / static_cast<std::size_t>(network.shape.tokens()), 1, block);
    }
};

/// The buffers of one `predict` call, all float32 rows of padded width.
struct SpectralMambaScratch {
    float* pixels;  ///< Ring of `window` input rows: [window][strip + window - 1][band_width]
    float* gated;   ///< halo: ring of `patch` rows of mask * core: [patch][strip + patch - 1][band_width]
    float* taps;    ///< After the depthwise convolution: [patch rows][band_width]
    float* mask;    ///< After the pointwise product: [patch rows][band_width]
    std::uint32_t* low;                      ///< taps as pairs of bfloat16: [patch rows][pairs]
    float* merged;                           ///< GSSM's result: [block][piece_width]
    float *token, *norm;                     ///< [group * tokens][model_width]
    float *x, *z, *u, *delta, *delta_u, *y;  ///< [group * tokens][channel_width]
    float* projected;                        ///< x_proj's B, C, low: [group * tokens][width]
    float* state;                            ///< [states][16]
    float* pooled;                           ///< [group][model_width]
    float* logits;                           ///< [group][class_width]

    std::size_t piece_width = 0;

    /// Lays the buffers out from `base`; a null base only measures. Returns the floats needed.
    std::size_t lay_out(const PackedSpectralMamba& network, const SpectralMambaCut& cut, float* base) {
        const auto window = static_cast<std::size_t>(network.shape.window());
        const auto side = static_cast<std::size_t>(network.shape.patch_size);
        const auto tokens = static_cast<std::size_t>(network.shape.tokens());
        const std::size_t rows = cut.group * tokens;
        const std::size_t spread = cut.strip + side - 1;
        const std::size_t patch_rows = !network.has_gssm()          ? 0
                                       : network.shape.halo_padding ? spread
                                                                    : cut.block * network.positions();
        std::size_t used = 0;
        const auto take = [&](std::size_t floats) {
            float* at = base == nullptr ? nullptr : base + used;
            used += (floats + 15) / 16 * 16;
            return at;
        };
        const std::size_t pieces = tokens * static_cast<std::size_t>(network.shape.piece_len);
        piece_width = std::max((pieces + 15) / 16 * 16, network.band_width);
        pixels = take(window * (cut.strip + window - 1) * network.band_width);
        gated = take(network.shape.halo_padding ? side * spread * network.band_width : 0);
        taps = take(patch_rows * network.band_width);
        mask = take(patch_rows * network.band_width);
        low = reinterpret_cast<std::uint32_t*>(take(patch_rows * network.pw_low.pairs()));
        merged = take(cut.block * piece_width);
        token = take(rows * network.model_width);
        norm = take(rows * network.model_width);
        for (float** channels : {&x, &z, &u, &delta, &delta_u, &y})
            *channels = take(rows * network.channel_width);
        projected = take(rows * (network.mixers.empty() ? 0 : network.mixers.front().x_proj.width()));
        state = take(static_cast<std::size_t>(network.shape.d_state) * 16);
        pooled = take(cut.group * network.model_width);
        logits = take(cut.group * network.class_width);
        return used;
    }
};

}  // namespace spectile::kernels
