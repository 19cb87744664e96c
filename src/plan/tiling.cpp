#include "spectile/error.hpp"
#include "spectile/plan.hpp"

namespace spectile {

Tile TileGrid::tile(std::int64_t index) const {
    if (index < 0 || index >= count())
        throw Error(Code::internal, "tile " + std::to_string(index) + " is not in the grid");
    const std::int64_t x = index % columns() * tile_width;
    const std::int64_t y = index / columns() * tile_height;
    const Window scene{0, 0, scene_width, scene_height};
    const Window cell{x, y, tile_width, tile_height};
    Tile out;
    out.index = index;
    out.core = intersect(cell, scene);
    out.padded = grow(fixed ? cell : out.core, halo);
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
