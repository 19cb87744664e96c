#include "run/part_tiles.hpp"

namespace spectile::run {

std::vector<std::pair<Tile, Window>> tiles_of_part(const Plan& plan, const Part& part, bool local) {
    Window in_scene = part.window;
    in_scene.x += plan.extent.x;
    in_scene.y += plan.extent.y;
    std::vector<std::pair<Tile, Window>> out;
    plan.tiles.visit_touching(in_scene, [&](Tile tile) {
        const Window window = intersect(tile.keep, in_scene);
        if (window.empty()) return;
        // A local model gives the same pixels for any window: what other parts or nobody wants is not
        // computed.
        if (local && !plan.tiles.fixed && plan.tiles.blend == Blend::none) {
            tile.core = tile.keep = window;
            tile.padded = grow(window, plan.tiles.halo);
        }
        out.emplace_back(tile, window);
    });
    return out;
}

}  // namespace spectile::run
