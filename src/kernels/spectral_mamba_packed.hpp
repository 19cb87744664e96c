#pragma once

#include <cstddef>
#include <vector>

#include "kernels/bfloat16_product.hpp"
#include "kernels/packed_matrix.hpp"
#include "kernels/spectral_mamba.hpp"

namespace spectile::kernels {

/// One depthwise tap of one position of the patch: which weight, and which pixel of the patch it meets.
struct PatchTap {
    std::size_t weight = 0;  ///< Row of `dw_weight`.
    std::size_t pixel = 0;   ///< Place in the patch, row * side + col.
};

/// Weights of one S6 block. Channel arrays are padded to 16 with zeros.
struct PackedMixer {
    std::vector<float> norm_weight, norm_bias;  ///< [model_width]
    PackedMatrix in_x, in_z;                    ///< Halves of in_proj.
    std::vector<float> conv_weight;             ///< [d_conv][channel_width]
    std::vector<float> conv_bias;
    PackedMatrix x_proj;           ///< Rows in the order B, C, low.
    std::vector<float> dt_weight;  ///< [rank][channel_width]
    std::vector<float> dt_bias;
    std::vector<float> a2;          ///< [group of 16][state][16]: -exp(A_log) * log2(e)
    std::vector<float> a2_largest;  ///< [channel_width]
    std::vector<float> skip;        ///< D
    PackedMatrix out_proj;
};

/// The network laid out for dense inference. Widths are rounded up so that vectors never need a tail; padded
/// places have zero weights.
struct PackedSpectralMamba {
    SpectralMambaShape shape;
    std::size_t band_width = 0;     ///< bands, to 16
    std::size_t model_width = 0;    ///< d_model, to 16
    std::size_t channel_width = 0;  ///< inner, to 16
    std::size_t class_width = 0;    ///< classes, as the head's matrix writes them
    std::size_t low_offset = 0;     ///< Where x_proj's low part starts: 2 * d_state.

    std::vector<float> dw_weight;  ///< [tap][band_width]
    std::vector<float> dw_bias;    ///< [band_width]
    /// Per position of the patch (zero), or one entry (halo).
    std::vector<std::vector<PatchTap>> patch_taps;
    PackedMatrix pw;
    Bfloat16Matrix pw_low;  ///< In place of pw; empty: float32.
    std::vector<float> pw_bias;
    PackedMatrix embed;
    std::vector<float> embed_bias;
    std::vector<PackedMixer> mixers;
    std::vector<float> norm_weight, norm_bias;
    PackedMatrix head;
    std::vector<float> head_bias;

    PackedSpectralMamba(const SpectralMambaShape& shape, const SpectralMambaWeights& weights,
                        bool bfloat16 = false);

    bool has_gssm() const { return shape.patch_size > 1; }
    std::size_t positions() const { return static_cast<std::size_t>(shape.patch_size) * shape.patch_size; }
};

}  // namespace spectile::kernels
