#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "spectile/pipeline.hpp"
#include "spectile/plan.hpp"
#include "spectile/scene.hpp"

// The plan: where every tile and part lies and what memory the run takes, worked out before a pixel is read.
// Everything here is a pure function; no file, clock or machine is asked.

namespace spectile::plan {

/// What one raster product costs per output pixel.
struct ProductCost {
    int bands = 1;
    std::size_t value_bytes = 1;
    std::size_t pixel_bytes() const { return static_cast<std::size_t>(bands) * value_bytes; }
};

/// Everything a plan follows from.
struct PlanInputs {
    Grid scene;
    Storage storage;  ///< Of the raster that decides the read pattern (the first).
    std::size_t source_value_bytes = 4;
    int bands_read = 1;    ///< From the scene, per pixel.
    int bands_model = 1;   ///< Entering the model.
    int bands_widest = 0;  ///< Most that a cube holds on its way between; at least these two, if not given.
    ModelTraits traits;
    Tiling tiling;
    Window extent;  ///< Wanted part of the scene.
    std::vector<ProductCost> products;
    bool libtorch = true;  ///< The model runs by LibTorch, which takes memory of its own.
    int threads = 1;
    int batch = 1;  ///< Tiles that the model would take at once, a power of two: more than 1 on devices.
    std::uint64_t memory_bytes = 0;  ///< Budget; 0 = no limit.
    int shards = 1;
};

/// Throws Error{Code::definition} where the tiling does not fit the model (smaller halo without force_halo),
/// Error{Code::memory} naming the memory needed where the budget cannot hold one tile in flight.
Plan make_plan(const PlanInputs& inputs);

/// The tile grid alone: follows card and scene, never memory or threads.
TileGrid make_tile_grid(const PlanInputs& inputs);

/// Parts of shard k of n (k from 1): contiguous runs, sizes differing by one at most.
std::vector<std::int64_t> parts_of_shard(std::int64_t parts, int k, int n);

}  // namespace spectile::plan
