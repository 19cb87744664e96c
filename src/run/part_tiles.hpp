#pragma once

#include <utility>
#include <vector>

#include "spectile/plan.hpp"

namespace spectile::run {

/// The tiles that meet a part, in grid order, each with the scene pixels that it gives to the part. Of a
/// `local` model without blending a tile is no more than those pixels and its halo.
std::vector<std::pair<Tile, Window>> tiles_of_part(const Plan& plan, const Part& part, bool local);

}  // namespace spectile::run
