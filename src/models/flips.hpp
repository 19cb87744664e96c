#pragma once

#include <memory>

#include "spectile/model.hpp"

namespace spectile {

/// A model whose prediction of a tile is the mean of what `model` says of the tile as it is, flipped left to
/// right, flipped both ways, and flipped top to bottom (in this order of the sum), each turned back:
/// test-time augmentation. Where `model` gives logits, it is the mean of logits.
///
/// Memory   each runner keeps one more cube and one more prediction for each place of a batch.
std::unique_ptr<Model> over_flips(std::unique_ptr<Model> model);

}  // namespace spectile
