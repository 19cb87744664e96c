#pragma once

#include "golden/golden_case.hpp"
#include "models/networks/spectral_mamba/network.hpp"

namespace spectile::test {

/// The file's network with the file's weights, in the float type asked for.
inline std::unique_ptr<networks::SpectralMamba> network_of(const GoldenFile& file, const Arithmetic& how) {
    const auto config = entries::parse_spectral_mamba(file.meta("config"), file.stem());
    auto network = std::make_unique<networks::SpectralMamba>(config, /*seed=*/1);
    network->use_reference_scan(how.reference_scan);
    for (auto& named : network->tensors()) {
        const auto value = tensor_of(file.at("state." + named.name), how.type);
        EXPECT_EQ(named.tensor.sizes(), value.sizes()) << named.name;
        named.tensor.set_data(value);
    }
    return network;
}

}  // namespace spectile::test
