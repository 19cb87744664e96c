#include "models/networks/device.hpp"
#include "models/networks/registry.hpp"
#include "models/networks/spectral_mamba/dense_model.hpp"
#include "models/networks/spectral_mamba/initial_values.hpp"
#include "models/networks/spectral_mamba/network.hpp"
#include "models/networks/weight_files.hpp"

namespace spectile::networks {
namespace {

std::unique_ptr<Network> make(const std::string& parameters, std::uint64_t seed) {
    return std::make_unique<SpectralMamba>(entries::parse_spectral_mamba(parameters, "spectral_mamba"), seed);
}

std::unique_ptr<Model> load(const ModelCard& card, const std::string& device) {
    resolve_device(device, /*can_cuda=*/false);
    const auto config = entries::spectral_mamba_config(card);
    return make_dense_model(config, weights::SafeTensors::parse(read_verified(card), card.weights));
}

std::unique_ptr<Model> load_random(const ModelCard& card, std::uint64_t seed, const std::string& device) {
    resolve_device(device, /*can_cuda=*/false);
    const auto config = entries::spectral_mamba_config(card);
    WeightArrays arrays;
    for (const auto& [name, tensor] : spectral_mamba_initial_values(config, seed)) {
        const float* data = tensor.data_ptr<float>();
        arrays[name].assign(data, data + tensor.numel());
    }
    return make_dense_model(config, std::move(arrays));
}

}  // namespace

NetworkEntry spectral_mamba() {
    return {.name = "spectral_mamba", .make = make, .load = load, .load_random = load_random};
}

}  // namespace spectile::networks
