#pragma once

#include <nlohmann/json.hpp>

#include "training/pretrain_card.hpp"
#include "training/pretrain_fit.hpp"

// What a pretraining tells of itself, as JSON.

namespace spectile::training {

/// `training:` of the card: index with its hash, entries by role and left out, dates, recipe, seed, losses of
/// each stage.
nlohmann::ordered_json provenance_of(const Training& training, const PretrainStart& start,
                                     const SceneIndex& index, const Pretrained& pretrained);

/// Every epoch's losses, as the report draws them: `panels` name the columns of the `curve` of each trial.
nlohmann::ordered_json record_of(const Training& training, const PretrainStart& start,
                                 const Pretrained& pretrained);

/// The first crop (a held-out one where there are such) as it is, as the network saw it, and as it filled it
/// in: three bands each, [3, side, side], 0 to 255. Null where there is no crop.
nlohmann::ordered_json picture_of(const PretrainData& data, networks::SpectralGpt& network,
                                  std::uint64_t seed);

}  // namespace spectile::training
