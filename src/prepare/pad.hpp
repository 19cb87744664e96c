#pragma once

#include "spectile/cube.hpp"
#include "spectile/model.hpp"

namespace spectile::prepare {

/// Extends the cube from its own window to `wanted`, which contains it, beyond the scene's border.
///
/// Values   nearest: the nearest edge pixel; reflect: mirrored at the edge pixel, which is not repeated (a
///          border one pixel wide repeats it), again and again where the border is wider than the cube.
/// Nodata   the new pixels are invalid; copies of invalid pixels carry those pixels' fill value.
/// Throws   Error{Code::internal} if `wanted` does not contain the cube's window or the cube is empty.
void pad(Cube& cube, const Window& wanted, Padding padding);

}  // namespace spectile::prepare
