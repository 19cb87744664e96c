#pragma once

#include <string>

#include "models/networks/network.hpp"
#include "training/dataset.hpp"

namespace spectile::training {

/// Writes the self-test of a network that gives a patch one class: the windows of one sample of each class
/// (of the first twelve) side by side, and the class probabilities at every place of that row.
void write_pixel_selftest(const std::string& path, networks::Network& network, const Dataset& data);

}  // namespace spectile::training
