#pragma once

#include "spectile/cube.hpp"

namespace spectile::prepare {

/// Pixels with NaN or an infinity in any band become invalid.
void invalidate_not_finite(Cube& cube);

/// Every band of every invalid pixel becomes `value`.
void fill_invalid(Cube& cube, float value);

}  // namespace spectile::prepare
