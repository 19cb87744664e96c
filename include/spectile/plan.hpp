#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "spectile/grid.hpp"
#include "spectile/model.hpp"

namespace spectile {

/// One cell of the scene-anchored tile grid.
struct Tile {
    std::int64_t index = 0;
    Window core;    ///< What this tile is responsible for; cores cover the scene once. Clipped to the scene.
    Window padded;  ///< What the network reads: may reach beyond the scene.
    Window keep;    ///< Where its prediction counts: the core, or with blending the padded window within the
                    ///< scene.
};

/// The tile grid of a scene: a rule, not a list, so ten million tiles cost no memory.
///
/// Cores of `tile_width` x `tile_height` begin at the scene's origin, and padded windows are cores grown by
/// the halo. Where `fixed`, padded windows have one size everywhere: they begin at the scene's origin, step
/// by a core's size, and the last of a row or column is shifted inward, so that a network sees measured
/// pixels and no padding; cores follow from that, the outer ones reaching to the scene's edge. A scene
/// smaller than a window lies in the middle of one.
struct TileGrid {
    std::int64_t scene_width = 0, scene_height = 0;
    std::int64_t tile_width = 0, tile_height = 0;
    int halo = 0;
    bool fixed = false;
    Blend blend = Blend::none;

    std::int64_t columns() const { return cells(scene_width, tile_width); }
    std::int64_t rows() const { return cells(scene_height, tile_height); }
    std::int64_t count() const { return columns() * rows(); }
    Tile tile(std::int64_t index) const;
    /// Calls `visit(tile)` for every tile whose `keep` meets `window`, and some beside, in grid order (row by
    /// row).
    template <typename Visit>
    void visit_touching(const Window& window, Visit&& visit) const;

private:
    std::int64_t cells(std::int64_t scene, std::int64_t size) const {
        const std::int64_t inside = fixed ? std::max<std::int64_t>(1, scene - std::int64_t{2} * halo) : scene;
        return (inside + size - 1) / size;
    }
};

/// A rectangle of output pixels, at multiples of the block size, computed, written and remembered as one.
struct Part {
    std::int64_t index = 0;
    Window window;  ///< In output pixels.
    bool operator==(const Part&) const = default;
};

/// The parts of an output: a rule, not a list.
struct PartGrid {
    std::int64_t width = 0, height = 0;  ///< Of the output.
    std::int64_t part_width = 0, part_height = 0;

    std::int64_t columns() const { return (width + part_width - 1) / part_width; }
    std::int64_t rows() const { return (height + part_height - 1) / part_height; }
    std::int64_t count() const { return columns() * rows(); }
    Part part(std::int64_t index) const;
};

/// What will be done, worked out before a single pixel is read.
struct Plan {
    Grid output;    ///< Grid of the products.
    Window extent;  ///< The output's place in the scene.
    TileGrid tiles;
    PartGrid parts;
    int block = 512;  ///< Side of the output's blocks.
    int threads = 1;
    int tokens = 1;  ///< Tiles in flight.
    int batch = 1;   ///< Of these, what one worker may hand to its model at once; a power of two.
    std::size_t gdal_cache_bytes = 0;
    std::size_t bytes_fixed = 0;      ///< Program, libraries, weights.
    std::size_t bytes_per_token = 0;  ///< One tile in flight.
    std::size_t bytes_mosaic = 0;     ///< Strips of the parts being written.
    std::size_t bytes_peak = 0;       ///< Sum of the above.
    std::size_t scratch_bytes = 0;    ///< Disk for parts and the file being assembled.
    std::vector<std::string> notes;   ///< Sizes rounded, budget used up, ...
};

template <typename Visit>
void TileGrid::visit_touching(const Window& window, Visit&& visit) const {
    if (window.empty()) return;
    // A fixed window begins at most a core before its place, if it is shifted, and ends a core and two halos
    // behind it.
    const auto below = [&](std::int64_t size) {
        return fixed                  ? size + std::int64_t{2} * halo
               : blend == Blend::none ? std::int64_t{0}
                                      : std::int64_t{halo};
    };
    const auto above = [&](std::int64_t size) { return fixed ? size : below(size); };
    const auto first = [&](std::int64_t lo, std::int64_t size) {
        return std::max<std::int64_t>(0, lo - below(size)) / size;
    };
    const auto end = [&](std::int64_t hi, std::int64_t size, std::int64_t count) {
        return std::min(count, (hi - 1 + above(size)) / size + 1);
    };
    const std::int64_t col_begin = first(window.x, tile_width), row_begin = first(window.y, tile_height);
    const std::int64_t col_end = end(window.right(), tile_width, columns());
    const std::int64_t row_end = end(window.bottom(), tile_height, rows());
    for (std::int64_t row = row_begin; row < row_end; ++row)
        for (std::int64_t col = col_begin; col < col_end; ++col) visit(tile(row * columns() + col));
}

}  // namespace spectile
