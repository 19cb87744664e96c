// Writes a model folder with a small TorchScript network of three bands and four classes: make_torchscript
// FOLDER local|global. The local one sees 3 x 3 pixels; the global one adds the mean of all it is given, as
// networks with attention do.
#include <torch/script.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "core/checksum.hpp"

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: make_torchscript FOLDER local|global\n";
        return 64;
    }
    const std::filesystem::path folder = argv[1];
    const bool local = std::string(argv[2]) == "local";
    std::filesystem::create_directories(folder);
    torch::manual_seed(7);
    torch::jit::Module module("network");
    module.register_parameter("kernel", torch::randn({4, 3, 3, 3}) * 0.3, false);
    module.define(local ? "def forward(self, x):\n"
                          "    return torch.conv2d(x / 1000.0, self.kernel)\n"
                        : "def forward(self, x):\n"
                          "    y = torch.conv2d(x / 1000.0, self.kernel, None, [1, 1], [1, 1])\n"
                          "    return y + torch.mean(y, [2, 3], True)\n");
    const auto network = (folder / "network.pt").string();
    module.save(network);
    std::ofstream(folder / "model.yaml")
        << "spectile: 1\nname: " << (local ? "local" : "global")
        << "\ntask: classification\narchitecture: torchscript\n"
           "parameters: {input: [3, 0, 0], channels: 4, activation: softmax, "
        << (local ? "halo: 1, crop: 1, local: true, tile: 128" : "halo: 16, tile: 96")
        << "}\nweights: {file: network.pt, sha256: " << spectile::sha256_of_file(network)
        << "}\nclasses:\n  - {value: 1, name: a}\n  - {value: 2, name: b}\n  - {value: 3, name: c}\n"
           "  - {value: 4, name: d}\nnodata: 0\n";
    return 0;
}
