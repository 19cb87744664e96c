#pragma once

#include <vector>

#include "products/label_raster.hpp"
#include "products/label_scores.hpp"
#include "spectile/plan.hpp"

namespace spectile::run {

/// The plan's tiles that speak for a pixel of the output, in grid order.
std::vector<products::LabelTile> label_tiles(const Plan& plan);

/// How the tile grid lies among the output's pixels: a step begins where all windows but the first of a row
/// or column have their core.
products::TileSteps label_steps(const Plan& plan);

}  // namespace spectile::run
