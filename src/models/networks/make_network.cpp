#include "models/networks/network.hpp"
#include "models/networks/registry.hpp"
#include "spectile/error.hpp"

namespace spectile::networks {

const NetworkEntry& network_entry(const std::string& architecture) {
    for (const auto& entry : network_entries())
        if (entry.name == architecture) return entry;
    throw Error(Code::model, "architecture: \"" + architecture + "\" has no network");
}

std::unique_ptr<Network> make_network(const std::string& architecture, const std::string& parameters,
                                      std::uint64_t seed) {
    const auto& entry = network_entry(architecture);
    if (!entry.make) throw Error(Code::model, "architecture: \"" + architecture + "\" cannot be trained");
    return entry.make(parameters, seed);
}

ExpectedWeights expected_weights(const std::string& architecture, const std::string& parameters) {
    const auto& entry = network_entry(architecture);
    if (entry.expected) return entry.expected(parameters);
    if (!entry.make)
        throw Error(Code::model, "architecture: \"" + architecture +
                                     "\" has no weights of its own, so none can be converted for it");
    ExpectedWeights expected;
    for (const auto& named : entry.make(parameters, /*seed=*/0)->tensors())
        expected.tensors.push_back({named.name, named.tensor.sizes().vec()});
    return expected;
}

}  // namespace spectile::networks
