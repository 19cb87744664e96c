#pragma once

#include "cli/run_flags.hpp"

namespace spectile::cli {

/// Turns the pipeline into a quick look: scenes no longer than `flags.preview` pixels, products beside the
/// real ones as NAME.preview.EXT, no mosaics. Throws Error{Code::usage} for what has no preview.
void make_preview(const RunFlags& flags, Pipeline& pipeline);

}  // namespace spectile::cli
