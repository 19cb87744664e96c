// Writes a model folder with a small network of random weights: make_network FOLDER
// mim_istd|spectral_gpt|spectral_mamba.
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

const std::map<std::string, Small> kSmall = {
    {"mim_istd",
     {R"({"layout": "spatial", "bands": 1, "tile": 128, "depths": [1, 1, 1, 1], "outer": [8, 16, 32, 64], )"
      R"("words": [2, 4, 8, 16]})",
      "task: detection\nprepare:\n  - standardise: {mean: [2000], std: [1000]}\n"
      "classes:\n  - {value: 1, name: target}\n"}},
    {"spectral_gpt",
     {R"({"task": "segmentation", "bands": 3, "group": 3, "side": 96, "embed": 32, "depth": 2, "heads": 4, )"
      R"("classes": 2, "head_channels": 128, "head_width": 16})",
      "task: segmentation\nprepare:\n  - standardise: {mean: [2000, 2000, 2000], std: [1000, 1000, 1000]}\n"
      "classes:\n  - {value: 1, name: a}\n  - {value: 2, name: b}\n"}},
    {"spectral_mamba",
     {R"({"bands": 4, "classes": 2, "patch_size": 3, "d_model": 8, "piece_len": 2})",
      "task: classification\nprepare:\n  - standardise: {mean: [2000, 2000, 2000, 2000], std: [1000, 1000, "
      "1000, 1000]}\n"
      "classes:\n  - {value: 1, name: a}\n  - {value: 2, name: b}\n"}}};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3 || !kSmall.contains(argv[2])) {
        std::cerr << "usage: make_network FOLDER mim_istd|spectral_gpt|spectral_mamba\n";
        return 64;
    }
    const std::filesystem::path folder = argv[1];
    const std::string architecture = argv[2];
    const Small& small = kSmall.at(architecture);
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
