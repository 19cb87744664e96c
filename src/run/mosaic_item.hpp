#pragma once

#include "spectile/pipeline.hpp"
#include "spectile/run.hpp"

namespace spectile::run {

/// Writes the STAC item over the pipeline's published mosaics, where it asks for one and the item that is
/// there does not say the same: an asset for each mosaic, the place of the first raster among them, the time
/// from the first scene's to the last's, links to the items of the scenes. Throws Error{Code::write}.
void write_mosaic_item(const Pipeline& pipeline, const RunOptions& options, RunReport& report);

}  // namespace spectile::run
