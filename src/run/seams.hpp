#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "products/seam_figures.hpp"
#include "spectile/run.hpp"

namespace spectile::run {

/// What tiling does to a model's result on one scene.
struct Seams {
    std::string scene;
    std::int64_t width = 0, height = 0;
    std::int64_t tile = 0;
    int halo = 0;
    std::string blend;
    std::string against;             ///< What the tiles are compared with.
    products::Difference all, near;  ///< Near: pixels within one of a line between two tiles' cores.

    nlohmann::ordered_json json() const;
};

/// Computes the pipeline's one scene twice, by its tiles and as one tile over all, into `folder`, and
/// compares every pixel of what the network gives. A network that reads windows of one size has no one tile
/// over all: its tiles are compared with windows that begin at every eighth of one, blended.
///
/// Throws Error{Code::scene} where the scene fits in one tile, Error{Code::memory} where one tile over all
/// does not fit; else as run_pipeline.
Seams measure_seams(Pipeline pipeline, RunOptions options, const std::string& folder);

}  // namespace spectile::run
