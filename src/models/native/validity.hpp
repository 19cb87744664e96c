#pragma once

#include "spectile/cube.hpp"

namespace spectile::native {

/// Copies the validity of `out.window` from the cube, which must cover it.
void copy_valid(const Cube& cube, Prediction& out);

}  // namespace spectile::native
