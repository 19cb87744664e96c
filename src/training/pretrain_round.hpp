#pragma once

#include <functional>

#include "training/crop_source.hpp"
#include "training/pretrain_pass.hpp"
#include "training/process_group.hpp"

// What processes that pretrain together say to one another in a round, in which each has one batch.

namespace spectile::training {

/// Cuts this process's batch by `cut` (nothing where it has none) and leaves out, in every process, what any
/// of them found to be unusable, as one process alone would have done going through the batches in the order
/// of the ranks. A fault of one of them ends all.
MaskedCrops cut_in_round(ProcessGroup& group, CropSource& source, const std::function<MaskedCrops()>& cut);

/// Adds what every process found in its batch, by rank.
void add_losses(ProcessGroup& group, const LossSums& ours, LossSums& sums);

/// Whether anybody was asked to stop.
bool is_anyone_asked(ProcessGroup& group, const std::function<bool()>& stop);

/// Throws Error{Code::definition} unless all processes begin with the same `facts`, a line for each.
void check_same_start(ProcessGroup& group, const std::vector<std::string>& facts);

}  // namespace spectile::training
