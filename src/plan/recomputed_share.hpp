#pragma once

#include "spectile/plan.hpp"

namespace spectile::plan {

/// Pixels that the network reads in all: halos and tiles that several parts need count each time.
double pixels_read(const Plan& plan, bool local);

/// Pixels that are inferred again because tiles or halos reach over the edges of parts, as a share of what
/// one part over all would infer. `local`: the model's receptive field lies within its halo, so that tiles
/// are cut at the edges of parts.
double recomputed_share(const Plan& plan, bool local);

}  // namespace spectile::plan
