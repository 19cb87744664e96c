#pragma once

#include <vector>

#include "evaluate/detection.hpp"
#include "models/networks/network.hpp"
#include "training/target_images.hpp"

namespace spectile::training {

/// Logits of a whole image, [height, width]: tiles of the network's size, the last ones shifted inward, at
/// least `overlap` pixels shared by neighbours and blended by distance to the tile's edge; smaller images are
/// mirrored. The network must be in its evaluation mode.
std::vector<float> target_logits(networks::Network& network, const TargetImage& image, int overlap);

/// Measures of the network over the images of one role at their full size.
evaluate::Detection judge_targets(networks::Network& network, const std::vector<TargetImage>& images,
                                  Role role, int overlap);

/// "IoU 0.700  nIoU 0.690  Pd 0.930  Fa 12.0e-6"
std::string in_words(const evaluate::Detection& detection);

}  // namespace spectile::training
