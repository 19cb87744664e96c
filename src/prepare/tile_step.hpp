#pragma once

#include "spectile/step.hpp"

namespace spectile::prepare {

/// A step whose result at a pixel depends on the whole window that the network reads.
///
/// The window must then be the tile's own, whatever part it is computed for, so a chain with such a step
/// makes any model one that is defined on its tile (`ModelTraits::local` is false for the run), and
/// neighbouring tiles see the same ground with other values. No step behind it can have statistics of the
/// whole scene.
class TileStep : public Step {};

}  // namespace spectile::prepare
