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

}  // namespace spectile::networks
