#pragma once

#include <span>

#include "training/random.hpp"

namespace spectile::training {

/// Sets one of a crop's targets in again, one to three times at other places: what it adds to the ground
/// around it is added to the ground there, flipped and by 0.6 to 1.1 of its strength, and never above the
/// crop's largest value. Frames with several targets are rare in what there is to learn from, and a detector
/// that never saw them takes a group for something else.
///
/// pixels, truth: [side, side], changed. Nothing is done where there is no target, or none smaller than a
/// quarter of the side. A target that meets another one or does not fit is left out.
/// Source   Kisantal et al., "Augmentation for small object detection", 2019, with the target's contrast in
///          place of its pixels.
void repeat_target(std::span<float> pixels, std::span<float> truth, int side, Random& random);

}  // namespace spectile::training
