#pragma once

#include <string>

#include "spectile/model.hpp"

namespace spectile::entries {

/// Configuration of a SpectralMamba network, names as in its specification's section 1.
struct SpectralMambaConfig {
    int bands = 0, classes = 0;
    int patch_size = 3, gssm_kernel = 3;
    std::string gssm_padding = "zero";  ///< zero: inside every patch; halo: real neighbours.
    int piece_len = 6, d_model = 32, depth = 1, expand = 2, d_state = 16, d_conv = 4;
    int dt_rank = 0;  ///< 0 = ceil(d_model / 16)
    double ln_eps = 1e-5;
    bool operator==(const SpectralMambaConfig&) const = default;

    int inner() const { return expand * d_model; }
    int rank() const { return dt_rank > 0 ? dt_rank : (d_model + 15) / 16; }
    int tokens() const { return (bands + piece_len - 1) / piece_len; }
    int window() const { return patch_size + 2 * padding_halo(); }
    /// Real neighbours that the depthwise convolution reads beyond the patch.
    int padding_halo() const { return gssm_padding == "halo" && patch_size > 1 ? (gssm_kernel - 1) / 2 : 0; }
    int halo() const { return (window() - 1) / 2; }
    /// Parameters of the network (specification, section 4).
    double parameter_count() const;
    /// Additions and multiplications of one pixel in dense evaluation (section 6.2).
    double flops_per_pixel() const;
    /// exp, sigmoid, SiLU and softplus of one pixel, one each.
    double exps_per_pixel() const;
};

/// Reads the fields from a JSON object; `where` is for messages. Unknown fields and impossible values throw
/// Error{Code::model} naming the key. `bands` and `classes` may be left out where the fallbacks are positive.
SpectralMambaConfig parse_spectral_mamba(const std::string& json, const std::string& where,
                                         int bands_fallback = 0, int classes_fallback = 0);

/// The configuration of a card, checked against its bands and classes.
SpectralMambaConfig spectral_mamba_config(const ModelCard& card);

/// All fields as one JSON object with sorted keys, as stored with the weights.
std::string to_json(const SpectralMambaConfig& config);

}  // namespace spectile::entries
