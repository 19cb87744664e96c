#include "models/networks/device.hpp"
#include "models/networks/over_devices.hpp"
#include "models/networks/registry.hpp"
#include "models/networks/spectral_gpt/tile_model.hpp"
#include "models/networks/spectral_gpt/weight_rules.hpp"
#include "models/networks/weight_files.hpp"

namespace spectile::networks {
namespace {

std::unique_ptr<Network> make(const std::string& parameters, std::uint64_t seed) {
    return std::make_unique<SpectralGpt>(entries::parse_spectral_gpt(parameters, "spectral_gpt"), seed);
}

std::unique_ptr<Model> model_on(const std::string& device, std::shared_ptr<SpectralGpt> network,
                                Precision precision) {
    if (device == "cpu") return make_tile_model(std::move(network), precision);
    return make_tile_model_on(device, std::move(network), precision);
}

std::unique_ptr<Model> load(const ModelCard& card, const std::string& device) {
    const auto config = entries::spectral_gpt_config(card);
    return over_devices(resolve_devices(device), [&](const std::string& where) {
        require_precision(card.precision, where, device);
        const auto file = weights::SafeTensors::parse(read_verified(card), card.weights);
        return model_on(where, load_spectral_gpt(file, config), card.precision);
    });
}

std::unique_ptr<Model> load_random(const ModelCard& card, std::uint64_t seed, const std::string& device) {
    const auto config = entries::spectral_gpt_config(card);
    return over_devices(resolve_devices(device), [&](const std::string& where) {
        return model_on(where, std::make_shared<SpectralGpt>(config, seed), card.precision);
    });
}

}  // namespace

NetworkEntry spectral_gpt() {
    return {.name = "spectral_gpt", .make = make, .load = load, .load_random = load_random};
}

}  // namespace spectile::networks
