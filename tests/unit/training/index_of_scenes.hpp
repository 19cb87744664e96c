#pragma once

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <string>

#include "spectile/training.hpp"
#include "unit/training/synthetic_scene.hpp"

namespace spectile::training {

inline constexpr int kIndexBands = 6;

/// An ENVI scene of `width` x `height` float pixels: a pattern that has few degrees of freedom, so that what
/// is hidden follows from what is seen. Pixels of the first `gap` columns have no measurement.
inline void write_pattern(const TestFolder& folder, const std::string& name, int width, int height, int phase,
                          int gap = 0) {
    std::vector<float> pixels;
    for (int band = 0; band < kIndexBands; ++band)
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x)
                pixels.push_back(x < gap
                                     ? -1.0F
                                     : static_cast<float>(100 + 10 * band + 50 * std::sin(0.2 * (x + phase)) +
                                                          30 * std::cos(0.3 * y + 0.1 * band)));
    std::ofstream(folder.file(name + ".dat"), std::ios::binary)
        .write(reinterpret_cast<const char*>(pixels.data()),
               static_cast<std::streamsize>(pixels.size() * sizeof(float)));
    std::ofstream(folder.file(name + ".hdr"))
        << "ENVI\nsamples = " << width << "\nlines = " << height << "\nbands = " << kIndexBands
        << "\nheader offset = 0\nfile type = ENVI Standard\ndata type = 4\ninterleave = bsq\nbyte order = 0\n"
        << "data ignore value = -1\nband names = {a, b, c, d, e, f}\n";
}

inline std::string write_index(const TestFolder& folder, const std::string& text,
                               const std::string& name = "scenes.csv") {
    std::ofstream(folder.file(name)) << text;
    return folder.file(name);
}

inline std::string text_of_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A pretraining of a tiny network on three scenes and one held out, that takes seconds.
inline Training pretraining_in(const TestFolder& folder) {
    write_pattern(folder, "one", 40, 32, 0);
    write_pattern(folder, "two", 24, 48, 3, 4);
    write_pattern(folder, "three", 32, 32, 7);
    write_pattern(folder, "held", 32, 32, 5);
    Training t;
    t.file = folder.file("training.yaml");
    t.name = "tiny";
    t.output = folder.file("model");
    t.architecture = "spectral_gpt";
    t.parameters = R"({"embed": 24, "depth": 1, "heads": 3, "decoder_embed": 16, "decoder_depth": 1,
                       "decoder_heads": 2, "patch": 4, "group": 3, "mask_ratio": 0.75})";
    t.prepare.push_back({"min_max", R"({"from": "scene"})", "", {t.file, 1}});
    t.pretraining.emplace();
    t.pretraining->index = write_index(folder,
                                       "path,role,crops,date,place\n"
                                       "one.dat,,5,2020-06-01,A\n"
                                       "two.dat,training,4,2021-06-01,A\n"
                                       "three.dat,train,4,,B\n"
                                       "held.dat,validation,,2019-01-01,C\n");
    t.pretraining->batch = 2;
    t.pretraining->accumulation = 2;
    t.pretraining->validation_crops = 3;
    t.pretraining->checkpoint_minutes = 0;
    t.pretraining->stages = {
        {.side = 16, .epochs = 3, .warmup = 1, .base_learning_rate = 0.5, .positions = "bicubic"},
        {.side = 24, .epochs = 2, .warmup = 0, .base_learning_rate = 0.3, .positions = "bicubic"}};
    return t;
}

}  // namespace spectile::training
