#include "models/networks/spectral_gpt/packed_blocks.hpp"

#include <map>

namespace spectile::networks::gpt {
namespace {

using Tensors = std::map<std::string, at::Tensor>;

kernels::TransformerBlock::Layer layer_of(const Tensors& tensors, const std::string& name) {
    return {tensors.at(name + ".weight").data_ptr<float>(), tensors.at(name + ".bias").data_ptr<float>()};
}

}  // namespace

std::shared_ptr<const kernels::Transformer> pack_blocks(SpectralGpt& network, Precision precision) {
    Tensors tensors;  // Contiguous, and alive until they are copied.
    for (const auto& named : network.tensors())
        if (named.name.starts_with("blocks.")) tensors[named.name] = named.tensor.detach().contiguous();
    const auto& config = network.config();
    std::vector<kernels::TransformerBlock> blocks;
    for (int i = 0; i < config.depth; ++i) {
        const auto block = "blocks." + std::to_string(i) + ".";
        const auto at = [&](const std::string& name) { return layer_of(tensors, block + name); };
        blocks.push_back({.norm1 = at("norm1"),
                          .q = at("attn.q"),
                          .k = at("attn.k"),
                          .v = at("attn.v"),
                          .proj = at("attn.proj"),
                          .norm2 = at("norm2"),
                          .fc1 = at("mlp.fc1"),
                          .fc2 = at("mlp.fc2")});
    }
    const kernels::TransformerShape shape = {.tokens = config.tokens(),
                                             .width = config.embed,
                                             .hidden = std::int64_t{4} * config.embed,
                                             .heads = config.heads};
    return std::make_shared<const kernels::Transformer>(shape, blocks, precision == Precision::bfloat16);
}

}  // namespace spectile::networks::gpt
