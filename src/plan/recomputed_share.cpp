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
    std::int64_t line = -1;  // The row of tiles (or column) that is walked along.
    for (std::int64_t i = 0; i < count; ++i) {
        const Part part = parts.part(across ? i : i * parts.columns());
        Window window = across ? Window{part.window.x + plan.extent.x, 0, part.window.width, 1}
                               : Window{0, part.window.y + plan.extent.y, 1, part.window.height};
        tiles.visit_touching(window, [&](const Tile& tile) {
            if (intersect(tile.keep, window).empty()) return;
            const Window here = local && !tiles.fixed && tiles.blend == Blend::none
                                    ? grow(intersect(tile.keep, window), tiles.halo)
                                    : tile.padded;
            // The other direction meets its first tile, and those that blend into it: counted once.
            const std::int64_t here_line =
                across ? tile.index / tiles.columns() : tile.index % tiles.columns();
            if (line < 0) line = here_line;
            if (here_line == line) sum += across ? here.width : here.height;
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

double pixels_read(const Plan& plan, bool local) {
    return static_cast<double>(padded_length(plan, local, true)) *
           static_cast<double>(padded_length(plan, local, false));
}

double recomputed_share(const Plan& plan, bool local) {
    return std::max(0.0, pixels_read(plan, local) / pixels_read(as_one_part(plan), local) - 1);
}

}  // namespace spectile::plan
