#pragma once

#include <cstdint>

#include "training/crop_source.hpp"
#include "training/permutation.hpp"
#include "training/pretrain_pass.hpp"

namespace spectile::training {

/// The order of one epoch; stage and epoch count from 1.
struct EpochOrder {
    Permutation order;  ///< Of the crops of an epoch.
    std::uint64_t seed = 0, stage = 0, epoch = 0;
    bool flips = false;
};

/// Samples [first, first + count) of an epoch with their masks, each a function of seed, stage, epoch and its
/// own number alone. Those that could not be cut are missing; without pixels where all are.
MaskedCrops training_crops(CropSource& source, const entries::SpectralGptConfig& config,
                           const EpochOrder& epoch, std::uint64_t first, std::uint64_t count);

/// Some of the `of` held-out crops.
struct HeldOut {
    std::uint64_t first = 0, count = 0, of = 0;
};

/// The same for held-out crops, spread over the entries that validate: the same whenever they are asked for.
MaskedCrops held_out_crops(CropSource& source, const SceneIndex& index,
                           const entries::SpectralGptConfig& config, std::uint64_t seed,
                           const HeldOut& wanted);

}  // namespace spectile::training
