#pragma once

#include <string>

#include "spectile/model.hpp"

namespace spectile::entries {

/// Configuration of a SpectralGPT network. The defaults are the published Base networks for 128 pixels.
///
/// Source   Hong et al., "SpectralGPT: Spectral Remote Sensing Foundation Model", TPAMI 2024, arXiv
/// 2311.07113.
struct SpectralGptConfig {
    std::string task = "segmentation";  ///< pretraining, classification, segmentation or change.
    int side = 128;                     ///< Of the image in pixels; part of the function.
    int bands = 12;                     ///< Of one date.
    int patch = 8;                      ///< Side of a token in pixels.
    int group = 3;                      ///< Bands of a token.
    int embed = 768, depth = 12, heads = 12;
    int decoder_embed = 512, decoder_depth = 4, decoder_heads = 16;  ///< Of pretraining.
    double mask_ratio = 0.9;                                         ///< Share of hidden tokens.
    bool norm_pix_loss = false;  ///< Pretraining compares with tokens standardised each by itself.
    /// Tables of positions: separable (space and spectrum), full (one for all tokens), or auto (as the
    /// weights have it).
    std::string pos_embed = "auto";
    bool legacy_pool = true;   ///< A classifier leaves out the first token, as published.
    bool multi_label = false;  ///< Classes of a classifier do not exclude each other.
    int classes = 13;
    int head_channels = 2048;  ///< Of the coarsest scale of the dense head.
    int head_width = 256;      ///< Of the maps that the dense head joins.
    bool operator==(const SpectralGptConfig&) const = default;

    bool dense() const { return task == "segmentation" || task == "change"; }
    int dates() const { return task == "change" ? 2 : 1; }
    /// Bands that enter: the dates one after the other.
    int input_bands() const { return dates() * bands; }
    int groups() const { return bands / group; }
    /// Tokens along a side.
    int grid() const { return side / patch; }
    int positions() const { return grid() * grid(); }
    int tokens() const { return groups() * positions(); }
    /// Numbers of a token: bands, rows and columns of its patch.
    int token_values() const { return group * patch * patch; }
    /// Multiply-adds of a whole prediction, per pixel of the tile.
    double macs_per_pixel() const;
    double parameter_count() const;
    /// Scratch of one prediction by the kernels.
    std::size_t workspace_bytes_per_pixel() const;
};

/// What a card says outside its parameters; empty or 0 where it does not.
struct SpectralGptFallback {
    std::string task;
    int classes = 0;
};

/// Reads the fields from a JSON object; `where` is for messages. Unknown fields and impossible values throw
/// Error{Code::model} naming the key. `size` sets width, depth and heads: base (the default), large or huge.
SpectralGptConfig parse_spectral_gpt(const std::string& json, const std::string& where,
                                     const SpectralGptFallback& fallback = {});

/// The configuration of a card, checked against its task, bands and classes.
SpectralGptConfig spectral_gpt_config(const ModelCard& card);

/// All fields as one JSON object with sorted keys, as stored with the weights.
std::string to_json(const SpectralGptConfig& config);

}  // namespace spectile::entries
