#pragma once

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "cli/spawn.hpp"

namespace spectile::test {

inline constexpr int kBands = 6, kSide = 40;

/// An ENVI scene of kBands bands of kSide x kSide pixels, that has few degrees of freedom.
inline void write_wave(const std::string& path, double phase) {
    std::vector<float> pixels;
    for (int band = 0; band < kBands; ++band)
        for (int y = 0; y < kSide; ++y)
            for (int x = 0; x < kSide; ++x)
                pixels.push_back(static_cast<float>(100 + 9 * band + 50 * std::sin(0.2 * x + phase) +
                                                    30 * std::cos(0.3 * y + 0.1 * band)));
    std::ofstream(path + ".dat", std::ios::binary)
        .write(reinterpret_cast<const char*>(pixels.data()),
               static_cast<std::streamsize>(pixels.size() * sizeof(float)));
    std::ofstream(path + ".hdr") << "ENVI\nsamples = 40\nlines = 40\nbands = 6\nheader offset = 0\n"
                                    "file type = ENVI Standard\ndata type = 4\ninterleave = bsq\n"
                                    "byte order = 0\n";
}

/// A pretraining of two stages, `epochs` each, over 32 crops of five entries, of which two cannot be
/// used, and one that is held out.
struct SmallPretraining {
    int epochs = 1;
    int accumulation = 5;  ///< Batches of three crops in a step; of five the last is smaller.
    std::string left_out_share = "0.5";
};

/// Writes scenes, index and definition, whose name it gives.
inline std::string write_pretraining(const Folder& folder, const SmallPretraining& how) {
    std::filesystem::create_directories(folder / "data");
    for (const int n : {1, 2, 3, 4}) write_wave(folder / ("data/" + std::to_string(n)), n);
    folder.write("data/scenes.csv",
                 "path,role,crops\n1.dat,,10\n2.dat,,9\nabsent.dat,,3\n3.dat,,8\n4.dat,validation,\n"
                 "gone.dat,,2\n");
    const auto count = std::to_string(how.epochs);
    return folder.write(
        "pretrain.yaml",
        "spectile: 1\nname: tiny\noutput: \"${OUT}\"\narchitecture: spectral_gpt\n"
        "parameters: {embed: 24, depth: 1, heads: 3, decoder_embed: 16, decoder_depth: 1, "
        "decoder_heads: 2, patch: 4, mask_ratio: 0.75}\n"
        "prepare: [{min_max: {from: scene}}]\n"
        "pretraining:\n  index: data/scenes.csv\n  batch: 3\n  accumulation: " +
            std::to_string(how.accumulation) +
            "\n  base_learning_rate: 0.4\n  left_out_share: " + how.left_out_share +
            "\n  checkpoint_steps: 2\n  validation_crops: 7\n  stages:\n    - {side: 16, epochs: " + count +
            "}\n    - {side: 24, epochs: " + count + ", positions: reinit}\n");
}

}  // namespace spectile::test
