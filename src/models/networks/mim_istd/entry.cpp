#include "models/networks/device.hpp"
#include "models/networks/mim_istd/tile_model.hpp"
#include "models/networks/mim_istd/weight_rules.hpp"
#include "models/networks/registry.hpp"
#include "models/networks/weight_files.hpp"

namespace spectile::networks {
namespace {

std::unique_ptr<Network> make(const std::string& parameters, std::uint64_t seed) {
    return std::make_unique<MimIstd>(entries::parse_mim_istd(parameters, "mim_istd"), seed);
}

std::unique_ptr<Model> load(const ModelCard& card, const std::string& device) {
    resolve_device(device, /*can_cuda=*/false);
    auto network = std::make_shared<MimIstd>(entries::mim_istd_config(card), /*seed=*/0);
    copy_mim_istd_weights(weights::SafeTensors::parse(read_verified(card), card.weights), *network);
    return make_tile_model(std::move(network));
}

std::unique_ptr<Model> load_random(const ModelCard& card, std::uint64_t seed, const std::string& device) {
    resolve_device(device, /*can_cuda=*/false);
    return make_tile_model(std::make_shared<MimIstd>(entries::mim_istd_config(card), seed));
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
