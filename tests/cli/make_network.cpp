// Writes a model folder with a small network of random weights: make_network FOLDER KIND, a kind being an
// architecture's name, with what it is to do behind it.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

#include "core/checksum.hpp"
#include "models/networks/network.hpp"
#include "models/networks/weight_files.hpp"

namespace {

struct Small {
    std::string parameters, card;
};

const std::string kTile = "prepare:\n  - min_max: {from: tile}\n";
const std::string kGpt = R"("group": 3, "side": 96, "embed": 32, "depth": 2, "heads": 4, )";
const std::string kThree =
    "classes:\n  - {value: 1, name: water}\n  - {value: 4, name: bare soil}\n"
    "  - {value: 7, name: forest}\n";

const std::map<std::string, Small> kSmall = {
    {"mim_istd",
     {R"({"layout": "spatial", "bands": 1, "tile": 128, "depths": [1, 1, 1, 1], "outer": [8, 16, 32, 64], )"
      R"("words": [2, 4, 8, 16]})",
      "task: detection\nprepare:\n  - standardise: {mean: [2000], std: [1000]}\n"
      "classes:\n  - {value: 1, name: target}\n"}},
    {"spectral_mamba_six_bands", {R"({"bands": 6, "classes": 3, "piece_len": 2})", "task: classification\n" + kThree}},
    {"spectral_gpt",
     {R"({"task": "segmentation", "bands": 3, )" + kGpt +
          R"("classes": 2, "head_channels": 128, "head_width": 16})",
      "task: segmentation\n" + kTile + "classes:\n  - {value: 1, name: a}\n  - {value: 2, name: b}\n"}},
    {"spectral_gpt_base",
     {R"({"task": "segmentation", "size": "base", "bands": 12, "classes": 2})",
      "task: segmentation\n" + kTile + "classes:\n  - {value: 1, name: a}\n  - {value: 2, name: b}\n"}},
    {"spectral_gpt_labels",
     {R"({"task": "classification", "bands": 3, )" + kGpt + R"("classes": 3})",
      "task: labels\n" + kTile + kThree}},
    {"spectral_gpt_multi_label",
     {R"({"task": "classification", "bands": 3, )" + kGpt + R"("classes": 3, "multi_label": true})",
      "task: labels\n" + kTile + kThree}},
    {"spectral_gpt_change",
     {R"({"task": "change", "bands": 3, )" + kGpt +
          R"("classes": 2, "head_channels": 128, "head_width": 16})",
      "task: change\n" + kTile +
          "classes:\n  - {value: 1, name: unchanged}\n  - {value: 2, name: changed}\n"}},
    {"spectral_gpt_sentinel2",
     {R"({"task": "classification", "bands": 12, )" + kGpt + R"("classes": 3, "multi_label": true})",
      "task: labels\nbands:\n  names: [B1, B2, B3, B4, B5, B6, B7, B8, B8A, B9, B11, B12]\nprepare:\n"
      "  - preset: ben_finetune\n" +
          kThree}},
    {"spectral_mamba",
     {R"({"bands": 4, "classes": 2, "patch_size": 3, "d_model": 8, "piece_len": 2})",
      "task: classification\nprepare:\n  - standardise: {mean: [2000, 2000, 2000, 2000], std: [1000, 1000, "
      "1000, 1000]}\n"
      "classes:\n  - {value: 1, name: a}\n  - {value: 2, name: b}\n"}}};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3 || !kSmall.contains(argv[2])) {
        std::cerr << "usage: make_network FOLDER KIND\n";
        return 64;
    }
    const std::filesystem::path folder = argv[1];
    const Small& small = kSmall.at(argv[2]);
    const std::string kind = argv[2];
    std::string architecture = kind;
    for (const std::string family : {"spectral_gpt", "spectral_mamba"})
        if (kind.starts_with(family)) architecture = family;
    std::filesystem::create_directories(folder);
    const auto weights = (folder / "weights.safetensors").string();
    const auto network = spectile::networks::make_network(architecture, small.parameters, /*seed=*/11);
    spectile::networks::save_weights(weights, *network, {{"config", small.parameters}});
    std::ofstream(folder / "model.yaml")
        << "spectile: 1\nname: small\narchitecture: " << architecture << "\nparameters: " << small.parameters
        << "\nweights: {file: weights.safetensors, sha256: " << spectile::sha256_of_file(weights) << "}\n"
        << small.card << "nodata: 0\n";
    return 0;
}
