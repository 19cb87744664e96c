#include "training/layer_decay.hpp"

#include <cmath>

namespace spectile::training {
namespace {

const std::string kBlocks = "blocks.";

int layer_of(const std::string& tensor, int depth) {
    if (tensor == "cls_token" || tensor == "pos_embed" || tensor.starts_with("patch_embed.")) return 0;
    if (tensor.starts_with(kBlocks)) return std::stoi(tensor.substr(kBlocks.size())) + 1;
    return depth + 1;
}

}  // namespace

double rate_scale(const std::string& tensor, int depth, double decay) {
    return std::pow(decay, depth + 1 - layer_of(tensor, depth));
}

std::vector<double> rate_scales(const std::vector<networks::NamedTensor>& tensors, int depth, double decay) {
    std::vector<double> scales;
    for (const auto& tensor : tensors)
        if (tensor.trainable) scales.push_back(rate_scale(tensor.name, depth, decay));
    return scales;
}

}  // namespace spectile::training
