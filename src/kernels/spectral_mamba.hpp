#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace spectile::kernels {

/// Sizes of a SpectralMamba network, names as in models/spectralmamba.md section 1.
struct SpectralMambaShape {
    int bands = 0, classes = 0;
    int patch_size = 3, gssm_kernel = 3;
    bool halo_padding = false;  ///< gssm_padding: halo
    int piece_len = 6, d_model = 32, depth = 1, expand = 2, d_state = 16, d_conv = 4;
    int dt_rank = 0;  ///< 0 = ceil(d_model / 16)
    float ln_eps = 1e-5F;

    int inner() const { return expand * d_model; }
    int rank() const { return dt_rank > 0 ? dt_rank : (d_model + 15) / 16; }
    int tokens() const { return (bands + piece_len - 1) / piece_len; }
    int window() const { return patch_size + (halo_padding && patch_size > 1 ? gssm_kernel - 1 : 0); }
    int halo() const { return (window() - 1) / 2; }
};

/// Weights in the layouts of the specification's section 3 (C order, float32). gssm pointers are null for
/// patch 1.
struct SpectralMambaWeights {
    const float *gssm_dw_weight = nullptr, *gssm_dw_bias = nullptr, *gssm_pw_weight = nullptr,
                *gssm_pw_bias = nullptr;
    const float *embed_weight = nullptr, *embed_bias = nullptr;
    struct Block {
        const float *norm_weight, *norm_bias, *in_proj, *conv_weight, *conv_bias, *x_proj, *dt_weight,
            *dt_bias, *A_log, *D, *out_proj;
    };
    std::vector<Block> blocks;
    const float *norm_weight = nullptr, *norm_bias = nullptr, *head_weight = nullptr, *head_bias = nullptr;
};

/// What one tile's prediction reads and writes.
struct SpectralMambaTile {
    const float* cube = nullptr;  ///< [bands, rows + 2*halo, cols + 2*halo]
    std::int64_t rows = 0, cols = 0;
    float* logits = nullptr;  ///< [classes, rows, cols]
    /// [rows, cols]; 0 where nobody needs the pixel: its logits are 0 or computed all the same. Null: all are
    /// needed.
    const std::uint8_t* wanted = nullptr;
};

/// The network packed for dense whole-scene inference (section 6). Const and shared; scratch is per call
/// site.
///
/// Arithmetic of one pixel depends on its window alone: blocks of pixels are cut by position in the row,
/// tails are computed with the same instructions, so any tiling gives the same bytes.
class SpectralMambaDense {
public:
    /// With `bfloat16`, GSSM's pointwise product is computed in it (bfloat16_product.hpp).
    SpectralMambaDense(const SpectralMambaShape& shape, const SpectralMambaWeights& weights,
                       bool bfloat16 = false);
    ~SpectralMambaDense();

    /// Computes output rows [row_begin, row_end); rows may be split over threads in any way.
    void predict(const SpectralMambaTile& tile, std::int64_t row_begin, std::int64_t row_end,
                 std::vector<float>& scratch) const;

    /// Upper bound of the scratch that one `predict` call needs, in bytes.
    std::size_t scratch_bytes() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace spectile::kernels
