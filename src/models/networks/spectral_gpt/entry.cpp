#include "models/networks/device.hpp"
#include "models/networks/registry.hpp"
#include "models/networks/spectral_gpt/tile_model.hpp"
#include "models/networks/spectral_gpt/weight_rules.hpp"
#include "models/networks/weight_files.hpp"

namespace spectile::networks {
namespace {

std::unique_ptr<Network> make(const std::string& parameters, std::uint64_t seed) {
    return std::make_unique<SpectralGpt>(entries::parse_spectral_gpt(parameters, "spectral_gpt"), seed);
}

std::unique_ptr<Model> load(const ModelCard& card, const std::string& device) {
    resolve_device(device, /*can_cuda=*/false);
    const auto config = entries::spectral_gpt_config(card);
    return make_tile_model(
        load_spectral_gpt(weights::SafeTensors::parse(read_verified(card), card.weights), config));
}

std::unique_ptr<Model> load_random(const ModelCard& card, std::uint64_t seed, const std::string& device) {
    resolve_device(device, /*can_cuda=*/false);
    return make_tile_model(std::make_shared<SpectralGpt>(entries::spectral_gpt_config(card), seed));
}

}  // namespace

NetworkEntry spectral_gpt() {
    return {.name = "spectral_gpt", .make = make, .load = load, .load_random = load_random};
}

}  // namespace spectile::networks
