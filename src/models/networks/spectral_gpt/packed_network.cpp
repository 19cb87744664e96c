#include "models/networks/spectral_gpt/packed_network.hpp"

#include "models/networks/spectral_gpt/packed_blocks.hpp"
#include "models/networks/spectral_gpt/packed_head.hpp"

namespace spectile::networks::gpt {

Inference::Inference(PackedNetwork network)
    : PackedNetwork(std::move(network)),
      memory(blocks->memory()),
      head_memory(head ? head->memory() : nullptr) {}

PackedNetwork pack_network(SpectralGpt& network, Precision precision) {
    return {.blocks = pack_blocks(network, precision), .head = pack_head(network)};
}

}  // namespace spectile::networks::gpt
