#pragma once

#include <array>
#include <string>

#include "spectile/model.hpp"

namespace spectile::entries {

/// Configuration of a MiM-ISTD network. The defaults are the official network at its HEAD.
///
/// Source   Chen, Ye, Tan, Gong, Wu, Chu, Liu, Yu and Gao, "MiM-ISTD: Mamba-in-Mamba for Efficient Infrared
/// Small Target Detection", arXiv 2403.02148, 2024.
struct MimIstdConfig {
    static constexpr int kStages = 4;
    using PerStage = std::array<int, kStages>;

    std::string layout = "official";  ///< official: token views as published; spatial: true permutations.
    std::string inner = "ss2d";       ///< What mixes the words of a sentence: ss2d, conv or none.
    int channels = 3;                 ///< Of the first convolution.
    int bands = 3;                    ///< Of the input: `channels`, or 1, which is repeated.
    int tile = 512;                   ///< Side of the input it was trained at; part of the function.
    PerStage depths = {2, 2, 2, 2};
    PerStage outer = {32, 64, 128, 256};  ///< Width of sentences.
    PerStage words = {4, 8, 16, 32};      ///< Width of words.
    int sentence_px = 8;                  ///< Side of a sentence in pixels: 4, 8 or 16.
    int word_px = 2;                      ///< Side of a word in pixels.
    double dropout = 0.1;                 ///< Before the last convolution, in training.
    bool operator==(const MimIstdConfig&) const = default;

    static constexpr int kStates = 16, kExpand = 2;
    static int rank(int width) { return (width + 15) / 16; }
    bool official() const { return layout == "official"; }
    bool has_inner() const { return inner != "none"; }
    /// Words along a side of a sentence.
    int words_side() const { return sentence_px / word_px; }
    int words_per_sentence() const { return words_side() * words_side(); }
    /// Sides that the network takes are whole multiples of this.
    int multiple() const { return sentence_px << (kStages - 1); }
    /// Multiply-adds of convolutions and linear maps and state updates of the scans, per input pixel.
    double macs_per_pixel() const;
    double state_updates_per_pixel() const;
    /// Scratch of one forward pass by the kernels, on the safe side.
    std::size_t workspace_bytes_per_pixel() const;
};

/// Reads the fields from a JSON object; `where` is for messages. Unknown fields and impossible values throw
/// Error{Code::model} naming the key. `preset` sets depths and widths: `head` (the default) or `march-2024`.
MimIstdConfig parse_mim_istd(const std::string& json, const std::string& where);

/// The configuration of a card, checked against its bands.
MimIstdConfig mim_istd_config(const ModelCard& card);

/// All fields as one JSON object with sorted keys, as stored with the weights.
std::string to_json(const MimIstdConfig& config);

}  // namespace spectile::entries
