#include "run/label_tiles.hpp"

namespace spectile::run {

std::vector<products::LabelTile> label_tiles(const Plan& plan) {
    std::vector<products::LabelTile> out;
    plan.tiles.visit_touching(plan.extent, [&](const Tile& tile) {
        Window core = intersect(tile.core, plan.extent);
        if (core.empty()) return;
        core.x -= plan.extent.x;
        core.y -= plan.extent.y;
        out.push_back({.col = tile.index % plan.tiles.columns(),
                       .row = tile.index / plan.tiles.columns(),
                       .core = core,
                       .read = tile.padded});
    });
    return out;
}

products::TileSteps label_steps(const Plan& plan) {
    const auto& tiles = plan.tiles;
    return {tiles.halo - plan.extent.x, tiles.halo - plan.extent.y, tiles.tile_width, tiles.tile_height};
}

}  // namespace spectile::run
