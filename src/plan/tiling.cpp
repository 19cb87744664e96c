#include <algorithm>

#include "spectile/error.hpp"
#include "spectile/plan.hpp"

namespace spectile {
namespace {

struct Span {
    std::int64_t begin = 0, size = 0;
};

/// A core along one axis of a grid of fixed windows; `last` is the highest index.
Span fixed_core(std::int64_t index, std::int64_t last, std::int64_t size, std::int64_t halo,
                std::int64_t scene) {
    const std::int64_t begin = index == 0 ? 0 : index * size + halo;
    const std::int64_t end = index == last ? scene : (index + 1) * size + halo;
    return {begin, end - begin};
}

/// A window of `side` along one axis: shifted into the scene, or the scene in its middle.
Span fixed_window(std::int64_t index, std::int64_t size, std::int64_t side, std::int64_t scene) {
    return {side <= scene ? std::min(index * size, scene - side) : -((side - scene) / 2), side};
}

}  // namespace

Tile TileGrid::tile(std::int64_t index) const {
    if (index < 0 || index >= count())
        throw Error(Code::internal, "tile " + std::to_string(index) + " is not in the grid");
    const std::int64_t col = index % columns(), row = index / columns();
    const Window scene{0, 0, scene_width, scene_height};
    Tile out;
    out.index = index;
    if (fixed) {
        const std::int64_t context = std::int64_t{2} * halo;
        const Span x = fixed_core(col, columns() - 1, tile_width, halo, scene_width),
                   y = fixed_core(row, rows() - 1, tile_height, halo, scene_height),
                   wide = fixed_window(col, tile_width, tile_width + context, scene_width),
                   high = fixed_window(row, tile_height, tile_height + context, scene_height);
        out.core = {x.begin, y.begin, x.size, y.size};
        out.padded = {wide.begin, high.begin, wide.size, high.size};
    } else {
        out.core = intersect(Window{col * tile_width, row * tile_height, tile_width, tile_height}, scene);
        out.padded = grow(out.core, halo);
    }
    out.keep = blend == Blend::none ? out.core : intersect(out.padded, scene);
    return out;
}

Part PartGrid::part(std::int64_t index) const {
    if (index < 0 || index >= count())
        throw Error(Code::internal, "part " + std::to_string(index) + " is not in the grid");
    const Window cell{index % columns() * part_width, index / columns() * part_height, part_width,
                      part_height};
    return {index, intersect(cell, {0, 0, width, height})};
}

}  // namespace spectile
