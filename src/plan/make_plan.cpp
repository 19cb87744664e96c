#include "plan/make_plan.hpp"

#include <algorithm>

#include "plan/plan_memory.hpp"
#include "spectile/error.hpp"

namespace spectile::plan {
namespace {

constexpr std::int64_t kNarrow = 256;  // A line of so few pixels is no burden to any tile.
constexpr std::int64_t kAutoPart = 4096;
constexpr std::int64_t kMostParts = 10000;

/// Compressed files stored as strips decode a whole strip for any pixel of it, and raw lines are read fastest
/// in one go: such tiles are wide and low. Networks, which take longer than any reading, keep their squares.
bool wants_wide_tiles(const PlanInputs& in, int halo) {
    const Storage& storage = in.storage;
    if (!in.traits.local || in.scene.width <= kNarrow) return false;
    if (storage.raw) return storage.interleave != Interleave::pixel && halo == 0 && !in.traits.has_weights;
    return storage.block_width >= in.scene.width && storage.block_height < 64;
}

int halo_of(const PlanInputs& in) {
    const int needed = in.traits.halo;
    const int wanted = in.tiling.halo.value_or(needed);
    if (wanted < needed && !in.tiling.force_halo)
        throw Error(Code::definition,
                    "tiling.halo: " + std::to_string(wanted) + " is smaller than the " +
                        std::to_string(needed) +
                        " pixels that the model needs; leave it out, or set tiling.force_halo: true");
    return wanted;
}

PartGrid make_part_grid(const PlanInputs& in, Plan& plan) {
    PartGrid parts{in.extent.width, in.extent.height, 0, 0};
    std::int64_t size = in.tiling.part > 0 ? in.tiling.part : kAutoPart;
    const std::int64_t rounded = round_up(size, plan.block);
    if (in.tiling.part > 0 && rounded != size)
        plan.notes.push_back("part " + std::to_string(size) + " rounded up to " + std::to_string(rounded) +
                             ", a multiple of the output's blocks of " + std::to_string(plan.block));
    size = rounded;
    const auto count = [&](std::int64_t s) {
        return ((in.extent.width + s - 1) / s) * ((in.extent.height + s - 1) / s);
    };
    if (in.tiling.part <= 0) {
        if (in.shards > 1)
            while (size > plan.block && count(size) < 4 * static_cast<std::int64_t>(in.shards))
                size = round_up(size / 2, plan.block);
        while (count(size) > kMostParts) size *= 2;
    }
    parts.part_width = parts.part_height = size;
    // A strip of block rows lies in memory while it fills: many-band outputs take narrower parts.
    if (in.tiling.part <= 0 && in.memory_bytes > 0)
        while (parts.part_width > plan.block &&
               strip_pixel_bytes(in) *
                       static_cast<std::size_t>(std::min(parts.part_width, in.extent.width) * plan.block) >
                   in.memory_bytes / 4)
            parts.part_width = parts.part_height = round_up(parts.part_width / 2, plan.block);
    return parts;
}

/// The core of a tile of a network that reads windows of one size: a larger halo leaves a smaller core.
int fixed_core(const PlanInputs& in, int halo) {
    const int window = in.traits.tile + 2 * in.traits.halo, multiple = in.traits.tile_multiple;
    if (in.tiling.tile <= 0) {
        if (window > 2 * halo) return window - 2 * halo;
        throw Error(Code::definition, "tiling.halo: " + std::to_string(halo) +
                                          " leaves nothing of the windows of " + std::to_string(window) +
                                          " pixels that the model reads");
    }
    const int wanted = in.tiling.tile + 2 * halo;
    if (wanted == window || (multiple > 0 && wanted % multiple == 0)) return in.tiling.tile;
    throw Error(Code::definition, "tiling.tile: the model reads windows of " + std::to_string(window) +
                                      " pixels" +
                                      (multiple > 0 ? ", or of a multiple of " + std::to_string(multiple)
                                                    : std::string(" and no others")) +
                                      "; with a halo of " + std::to_string(halo) + " that is a tile of " +
                                      std::to_string(window - 2 * halo) + "; leave it out");
}

}  // namespace

TileGrid make_tile_grid(const PlanInputs& in) {
    TileGrid tiles;
    tiles.scene_width = in.scene.width;
    tiles.scene_height = in.scene.height;
    tiles.halo = halo_of(in);
    tiles.fixed = in.traits.fixed_tile;
    tiles.blend = in.tiling.blend.value_or(in.traits.blend);
    if (tiles.blend != Blend::none && in.traits.task == Task::bands && in.traits.local)
        tiles.blend = Blend::none;
    if (tiles.fixed) {
        tiles.tile_width = tiles.tile_height = fixed_core(in, tiles.halo);
    } else if (in.tiling.tile > 0) {
        tiles.tile_width = tiles.tile_height = in.tiling.tile;
    } else if (wants_wide_tiles(in, tiles.halo)) {
        const std::int64_t area = static_cast<std::int64_t>(in.traits.tile) * in.traits.tile;
        tiles.tile_width = std::min<std::int64_t>(in.scene.width, kAutoPart);
        const std::int64_t rows =
            std::max<std::int64_t>(area / tiles.tile_width, std::int64_t{16} * std::max(1, tiles.halo));
        tiles.tile_height = round_up(rows, std::max(1, in.storage.block_height));
    } else {
        tiles.tile_width = tiles.tile_height = in.traits.tile;
        if (!in.storage.raw && in.traits.local && in.storage.block_width == in.storage.block_height &&
            in.storage.block_width <= 1024 && in.storage.block_width > 0)
            tiles.tile_width = tiles.tile_height = round_up(in.traits.tile, in.storage.block_width);
    }
    return tiles;
}

Plan make_plan(const PlanInputs& in) {
    Plan plan;
    plan.extent = in.extent;
    plan.output = crop(in.scene, in.extent);
    plan.tiles = make_tile_grid(in);
    const auto window = plan.tiles.tile_width + std::int64_t{2} * plan.tiles.halo,
               trained = in.traits.tile + std::int64_t{2} * in.traits.halo;
    if (plan.tiles.fixed && window != trained)
        plan.notes.push_back("windows of " + std::to_string(window) + ", not the " + std::to_string(trained) +
                             " of training: another function than the one whose accuracy the card states");
    plan.parts = make_part_grid(in, plan);
    plan_memory(in, plan);
    const auto pixels = static_cast<std::size_t>(in.extent.area());
    std::size_t product_bytes = 0;
    for (const auto& product : in.products) product_bytes += product.pixel_bytes() * pixels;
    // Parts, then the file that is assembled beside them, its overviews a third more.
    plan.scratch_bytes = product_bytes + product_bytes * 4 / 3;
    return plan;
}

std::vector<std::int64_t> parts_of_shard(std::int64_t parts, int k, int n) {
    if (n < 1 || k < 1 || k > n)
        throw Error(Code::usage,
                    "--shard " + std::to_string(k) + "/" + std::to_string(n) + ": K runs from 1 to N");
    std::vector<std::int64_t> out;
    for (std::int64_t i = parts * (k - 1) / n; i < parts * k / n; ++i) out.push_back(i);
    return out;
}

}  // namespace spectile::plan
