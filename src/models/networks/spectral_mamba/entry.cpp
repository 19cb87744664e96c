#include "models/native/spectral_mamba.hpp"
#include "models/networks/device.hpp"
#include "models/networks/over_devices.hpp"
#include "models/networks/patch_model.hpp"
#include "models/networks/registry.hpp"
#include "models/networks/spectral_mamba/initial_values.hpp"
#include "models/networks/spectral_mamba/network.hpp"
#include "models/networks/weight_files.hpp"

namespace spectile::networks {
namespace {

std::unique_ptr<Network> make(const std::string& parameters, std::uint64_t seed) {
    return std::make_unique<SpectralMamba>(entries::parse_spectral_mamba(parameters, "spectral_mamba"), seed);
}

/// On a CUDA device the network runs as it was trained, patch by patch, with the scan by CUDA kernels.
std::unique_ptr<Model> on_device(const entries::SpectralMambaConfig& config,
                                 std::unique_ptr<SpectralMamba> network, const PatchRun& run) {
    PatchRun own = run;
    own.classes = config.classes;
    return make_patch_model(std::move(network), own);
}

std::unique_ptr<Model> load(const ModelCard& card, const std::string& device) {
    return over_devices(resolve_devices(device), [&](const std::string& where) {
        require_precision(card.precision, where, device);
        if (where == "cpu") return native::load_spectral_mamba(card);
        const auto config = entries::spectral_mamba_config(card);
        const auto file = weights::SafeTensors::parse(read_verified(card), card.weights);
        native::require_same_config(config, file);
        auto network = std::make_unique<SpectralMamba>(config, /*seed=*/0);
        copy_weights(file, *network);
        return on_device(config, std::move(network), {.device = where, .precision = card.precision});
    });
}

std::unique_ptr<Model> dense_with_random_weights(const entries::SpectralMambaConfig& config,
                                                 std::uint64_t seed) {
    native::WeightArrays arrays;
    for (const auto& [name, tensor] : spectral_mamba_initial_values(config, seed)) {
        const float* data = tensor.data_ptr<float>();
        arrays[name].assign(data, data + tensor.numel());
    }
    return native::make_dense_model(config, std::move(arrays));
}

std::unique_ptr<Model> load_random(const ModelCard& card, std::uint64_t seed, const std::string& device) {
    const auto config = entries::spectral_mamba_config(card);
    return over_devices(resolve_devices(device), [&](const std::string& where) {
        if (where == "cpu") return dense_with_random_weights(config, seed);
        return on_device(config, std::make_unique<SpectralMamba>(config, seed),
                         {.device = where, .precision = card.precision});
    });
}

}  // namespace

NetworkEntry spectral_mamba() {
    return {.name = "spectral_mamba", .make = make, .load = load, .load_random = load_random};
}

}  // namespace spectile::networks
