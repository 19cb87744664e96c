#pragma once

#include <functional>
#include <map>
#include <string>

#include "models/networks/network.hpp"
#include "spectile/model.hpp"
#include "training/dataset.hpp"

namespace spectile::training {

/// What a model folder is made from, besides its card.
struct FinishedModel {
    networks::Network& network;
    const Dataset& data;                       ///< As the network sees it; gives the self-test its input.
    std::map<std::string, std::string> files;  ///< Further small files that the card names, by name.
};

/// Writes weights.safetensors (metadata `config`: the network's parameters), selftest.safetensors and
/// model.yaml.
///
/// All three are written into a folder beside `output`, loaded from there as a run will load them and held
/// against the self-test: the whole-scene runner has to agree with the network that was trained. Only then do
/// they get their final names, the card last. Other files of an existing folder are left alone. Throws
/// Error{Code::write}, Error{Code::publish}, Error{Code::verification}.
void write_model_folder(const std::string& output, ModelCard card, const FinishedModel& model);

/// A network whose self-test is written in a way of its own.
struct FinishedNetwork {
    networks::Network& network;
    std::function<void(const std::string& path)> write_selftest;  ///< Empty: it has none.
    std::map<std::string, std::string> files = {};
    /// Judges the written folder in place of its self-test, where that is empty; throws as that does.
    std::function<void(const ModelCard& card)> check = {};
};

/// The same for such a network.
void write_model_folder(const std::string& output, ModelCard card, const FinishedNetwork& model);

}  // namespace spectile::training
