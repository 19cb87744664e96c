#include "plan/recomputed_share.hpp"

#include <algorithm>

namespace spectile::plan {
namespace {

/// Pixels that are read along one direction for the pixels of all tiles, of all parts.
std::int64_t padded_length(const Plan& plan, bool local, bool across) {
    const auto& tiles = plan.tiles;
    const auto& parts = plan.parts;
    const std::int64_t count = across ? parts.columns() : parts.rows();
    std::int64_t sum = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        const Part part = parts.part(across ? i : i * parts.columns());
        Window window = across ? Window{part.window.x + plan.extent.x, 0, part.window.width, 1}
                               : Window{0, part.window.y + plan.extent.y, 1, part.window.height};
        tiles.visit_touching(window, [&](const Tile& tile) {
            if (intersect(tile.keep, window).empty()) return;
            const Window here = local && !tiles.fixed && tiles.blend == Blend::none
                                    ? grow(intersect(tile.keep, window), tiles.halo)
                                    : tile.padded;
            // The other direction meets its first tile only, or those that blend into it: counted once.
            if ((across ? tile.index / tiles.columns() : tile.index % tiles.columns()) == 0)
                sum += across ? here.width : here.height;
        });
    }
    return sum;
}

/// The same with all of the output as one part.
Plan as_one_part(Plan plan) {
    plan.parts.part_width = plan.parts.width;
    plan.parts.part_height = plan.parts.height;
    return plan;
}

}  // namespace

double recomputed_share(const Plan& plan, bool local) {
    const Plan one = as_one_part(plan);
    const auto area = [&](const Plan& of) {
        return static_cast<double>(padded_length(of, local, true)) *
               static_cast<double>(padded_length(of, local, false));
    };
    return std::max(0.0, area(plan) / area(one) - 1);
}

}  // namespace spectile::plan
