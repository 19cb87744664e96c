#pragma once

#include <ATen/core/Tensor.h>

#include "spectile/cube.hpp"
#include "training/random.hpp"

namespace spectile::training {

/// A random part of a patch, [bands, side, side]: between `least` and all of its area, of a shape between 3:4
/// and 4:3, enlarged or reduced to the side (bicubic, A = -0.75, values not cut off). `least` 1: all of it.
///
/// Source   "Inception crops": Szegedy et al., "Going Deeper with Convolutions", 2015, section 6; ten draws,
///          then the whole patch, as published for SpectralGPT.
at::Tensor random_view(const Cube& patch, int side, double least, Random& random);

/// The centre of a patch that has `share` of its sides, in the same manner: enlarged to side / share (rounded
/// down) first, as published, so that 1 is the whole patch brought to the side.
at::Tensor centre_view(const Cube& patch, int side, double share);

}  // namespace spectile::training
