#include "models/networks/device.hpp"
#include "models/networks/mim_istd/tile_model.hpp"
#include "models/networks/mim_istd/weight_rules.hpp"
#include "models/networks/over_devices.hpp"
#include "models/networks/registry.hpp"
#include "models/networks/weight_files.hpp"

namespace spectile::networks {
namespace {

std::unique_ptr<Network> make(const std::string& parameters, std::uint64_t seed) {
    return std::make_unique<MimIstd>(entries::parse_mim_istd(parameters, "mim_istd"), seed);
}

std::unique_ptr<Model> model_on(const std::string& device, std::shared_ptr<MimIstd> network,
                                Precision precision) {
    return device == "cpu" ? make_tile_model(std::move(network))
                           : make_tile_model_on(device, std::move(network), precision);
}

std::unique_ptr<Model> load(const ModelCard& card, const std::string& device) {
    return over_devices(resolve_devices(device), [&](const std::string& where) {
        require_precision(card.precision, where, device);
        auto network = std::make_shared<MimIstd>(entries::mim_istd_config(card), /*seed=*/0);
        copy_mim_istd_weights(weights::SafeTensors::parse(read_verified(card), card.weights), *network);
        return model_on(where, std::move(network), card.precision);
    });
}

std::unique_ptr<Model> load_random(const ModelCard& card, std::uint64_t seed, const std::string& device) {
    return over_devices(resolve_devices(device), [&](const std::string& where) {
        return model_on(where, std::make_shared<MimIstd>(entries::mim_istd_config(card), seed),
                        card.precision);
    });
}

}  // namespace

NetworkEntry mim_istd() {
    return {.name = "mim_istd",
            .make = make,
            .load = load,
            .load_random = load_random,
            .expected = mim_istd_expected};
}

}  // namespace spectile::networks
