#pragma once

#include <cstddef>
#include <vector>

#include "evaluate/accuracy.hpp"
#include "models/networks/network.hpp"
#include "spectile/model.hpp"
#include "training/dataset.hpp"

namespace spectile::training {

/// What the network says of the samples of one role.
struct Judged {
    std::vector<std::size_t> samples;  ///< Positions in the dataset.
    std::vector<int> predicted;        ///< Class position of each.
    evaluate::Confusion confusion;     ///< Of the two.
};

/// Counts what was said against the labels.
evaluate::Confusion confusion_of(const Judged& judged, const Dataset& dataset);

/// Judges the network as it is on the samples of one role, each in its own patch.
Judged judge(networks::Network& network, const Dataset& dataset, Role role, const ParallelFor& parallel);

}  // namespace spectile::training
