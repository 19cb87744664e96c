#pragma once

#include <map>
#include <string>
#include <vector>

#include "checkpoints/pickle.hpp"

namespace spectile::checkpoints {

/// The dictionary of a checkpoint that holds the weights.
struct StateLayout {
    /// Where it lies: "model", "state_dict", "optimizer.state.0"; empty: the top level.
    std::string wrapper;
    Entries entries;
};

/// Finds it: `from` where that names one (keys joined by dots), else `model` where that is a dictionary, else
/// `state_dict`, else the top level. Throws Error{Code::model} naming what there is instead.
StateLayout find_state(const Pickle& pickle, const std::string& from, const std::string& name);

/// Numbers and texts beside the weights, as JSON values: `epoch`, and the training's arguments as
/// `args.NAME`. For information only.
std::map<std::string, std::string> facts_of(const Pickle& pickle);

}  // namespace spectile::checkpoints
