#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include "unit/training/index_of_scenes.hpp"

namespace spectile::training {

/// Which of three things a patch shows, each by two bands of its own that stand out.
using Things = std::array<bool, 3>;

/// An ENVI patch of 20 x 20 pixels and six bands. Its brightness is drawn, so that the shape of the spectrum
/// alone tells what it shows.
inline void write_patch(const TestFolder& folder, const std::string& name, const Things& things, int number) {
    constexpr int kPatchSide = 20;
    Random random(5, Purpose::selftest, {static_cast<std::uint64_t>(number)});
    const double light = random.uniform(0.5, 2);
    std::vector<float> pixels;
    for (int band = 0; band < kIndexBands; ++band)
        for (int i = 0; i < kPatchSide * kPatchSide; ++i) {
            const double peak = things[static_cast<std::size_t>(band / 2)] ? 60 : 0;
            pixels.push_back(static_cast<float>(light * (100 + peak + 8 * random.normal())));
        }
    std::ofstream(folder.file(name + ".dat"), std::ios::binary)
        .write(reinterpret_cast<const char*>(pixels.data()),
               static_cast<std::streamsize>(pixels.size() * sizeof(float)));
    std::ofstream(folder.file(name + ".hdr"))
        << "ENVI\nsamples = 20\nlines = 20\nbands = 6\nheader offset = 0\nfile type = ENVI Standard\n"
           "data type = 4\ninterleave = bsq\nbyte order = 0\nband names = {a, b, c, d, e, f}\n";
}

inline const std::vector<ClassInfo> kThings = {{1, "soil", {}}, {2, "grass", {}}, {4, "wood, old", {}}};

/// Names of what a patch shows, with semicolons between, as a field of a CSV.
inline std::string label_of(const Things& things) {
    std::string label;
    for (std::size_t c = 0; c < things.size(); ++c)
        if (things[c]) label += (label.empty() ? "" : ";") + kThings[c].name;
    return '"' + label + '"';
}

/// Things of patch `number`: one of them in turn, or any number of them.
inline Things things_of(int number, bool multi_label) {
    if (!multi_label) return {number % 3 == 0, number % 3 == 1, number % 3 == 2};
    const int shown = number % 7 + 1;
    return {(shown & 1) != 0, (shown & 2) != 0, (shown & 4) != 0};
}

/// A training of a tiny network on 42 patches, of which 9 validate and 12 test, that takes seconds.
inline Training patches_in(const TestFolder& folder, bool multi_label) {
    std::string index = "path,role,label\n";
    for (int i = 0; i < 42; ++i) {
        const auto name = (multi_label ? "m" : "s") + std::to_string(i);
        write_patch(folder, name, things_of(i, multi_label), i);
        index += name + ".dat," +
                 (i < 21   ? "training"
                  : i < 30 ? "validation"
                           : "test") +
                 ',' + label_of(things_of(i, multi_label)) + '\n';
    }
    Training t;
    t.file = folder.file("training.yaml");
    t.name = "labels";
    t.output = folder.file("model");
    t.architecture = "spectral_gpt";
    t.parameters = R"({"side": 16, "embed": 24, "depth": 2, "heads": 3, "patch": 8})";
    if (multi_label) t.parameters.insert(1, R"("multi_label": true, )");
    t.prepare.push_back({"standardise", R"({"from": "scene"})", "", {t.file, 1}});
    t.patches.emplace();
    t.patches->index = write_index(folder, index, multi_label ? "multi.csv" : "single.csv");
    t.split.by = "given";
    t.classes = kThings;
    t.recipe = R"({"epochs": 6, "batch": 6, "learning_rate": 0.003, "drop_path": 0.1, "layer_decay": 0.9,
                   "moving_average": 0.8, "augmentation": {"flips": true, "turns": true, "noise": 0.05}})";
    return t;
}

}  // namespace spectile::training
