#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/networks/network.hpp"
#include "spectile/model.hpp"
#include "spectile/module.hpp"

namespace spectile::networks {

/// What the module library knows of an architecture.
struct NetworkEntry {
    std::string name;
    /// Makes the network for training; empty where the architecture cannot be trained.
    std::function<std::unique_ptr<Network>(const std::string& parameters, std::uint64_t seed)> make;
    /// Loads the card's weights for whole scenes. `device` is as the user wrote it.
    std::function<std::unique_ptr<Model>(const ModelCard& card, const std::string& device)> load;
    /// The same with the weights that a network begins training with; empty where there is no such thing.
    std::function<std::unique_ptr<Model>(const ModelCard& card, std::uint64_t seed,
                                         const std::string& device)>
        load_random = {};
    /// What it reads from a file of weights; empty: the tensors of the network that `make` makes. Worth
    /// giving where the network is large, or where published files hold keys that it never reads.
    std::function<ExpectedWeights(const std::string& parameters)> expected = {};
};

/// Every network, in the order of src/models/architectures.cmake.
const std::vector<NetworkEntry>& network_entries();

/// Throws Error{Code::model} where there is no network of that name.
const NetworkEntry& network_entry(const std::string& architecture);

/// Throws Error{Code::model} where there is no network of that name, or it has no weights of its own.
ExpectedWeights expected_weights(const std::string& architecture, const std::string& parameters);

}  // namespace spectile::networks
