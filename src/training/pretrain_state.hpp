#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/networks/network.hpp"
#include "training/crop_source.hpp"
#include "training/optimiser.hpp"
#include "training/pretrain_pass.hpp"

namespace spectile::training {

/// One epoch of a pretraining as it went. Losses are means over the crops; -1 where there are none.
struct PretrainEpoch {
    int stage = 0, epoch = 0;  ///< From 1; epoch 0 is the network before its first step.
    double token = -1, spectral = -1;
    double held_token = -1, held_spectral = -1;  ///< On the held-out crops.
    double learning_rate = 0;                    ///< Of the last step.
    std::uint64_t crops = 0;
};

/// Where a pretraining stands, besides weights and optimiser. Random numbers need no state.
struct PretrainState {
    int stage = 0;           ///< From 0.
    int epoch = 0;           ///< Finished ones of this stage.
    std::uint64_t step = 0;  ///< Finished ones of this epoch.
    LossSums sums;           ///< Of this epoch so far.
    LossScale scale;         ///< Of a training in float16.
    LeftOut left_out;
    std::vector<PretrainEpoch> history;
};

/// Writes weights, optimiser and state under a temporary name and renames: a reader finds the old checkpoint
/// or the whole new one. Throws Error{Code::write}.
void write_pretrain_checkpoint(const std::string& path, const std::string& fingerprint,
                               const std::vector<networks::NamedTensor>& tensors, const AdamW& optimiser,
                               const PretrainState& state);

/// The state alone, which says what network the weights are of; nothing where there is no such file. Throws
/// Error{Code::definition} if it belongs to another training, Error{Code::model} if it is damaged.
std::optional<PretrainState> read_pretrain_state(const std::string& path, const std::string& fingerprint);

/// Weights and optimiser. Throws Error{Code::model}.
void read_pretrain_tensors(const std::string& path, const std::vector<networks::NamedTensor>& tensors,
                           AdamW& optimiser);

}  // namespace spectile::training
