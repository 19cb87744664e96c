// Writes a TorchScript network into a folder.
//   make_torchscript FOLDER local|global
//     a model folder with a small network of three bands and four classes; the local one sees 3 x 3 pixels,
//     the global one adds the mean of all it is given, as networks with attention do
//   make_torchscript FOLDER FILE
//     network.pt alone, of the `def forward(self, x): ...` in FILE
#include <torch/script.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "core/checksum.hpp"

namespace {

void make_model(const std::filesystem::path& folder, bool local) {
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
}

void make_network(const std::filesystem::path& folder, const std::string& file) {
    std::ostringstream source;
    source << std::ifstream(file).rdbuf();
    torch::jit::Module module("network");
    module.define(source.str());
    module.save((folder / "network.pt").string());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: make_torchscript FOLDER local|global|FILE\n";
        return 64;
    }
    const std::filesystem::path folder = argv[1];
    const std::string what = argv[2];
    std::filesystem::create_directories(folder);
    if (what == "local" || what == "global")
        make_model(folder, what == "local");
    else
        make_network(folder, what);
    return 0;
}
