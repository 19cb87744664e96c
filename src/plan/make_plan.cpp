#include "plan/make_plan.hpp"

#include <algorithm>
#include <cmath>

#include "spectile/error.hpp"

namespace spectile::plan {
namespace {

constexpr std::int64_t kAutoPart = 4096;
constexpr std::int64_t kMostParts = 10000;
constexpr std::size_t kProgramBytes = std::size_t{200} << 20;  // GDAL and LibTorch linked, before any work
constexpr std::size_t kSmallestCache = std::size_t{16} << 20;
constexpr std::size_t kLargestCache = std::size_t{512} << 20;

std::int64_t round_up(std::int64_t value, std::int64_t step) { return (value + step - 1) / step * step; }

/// Compressed files stored as strips decode a whole strip for any pixel of it: their tiles are wide and low.
bool stored_as_strips(const Storage& storage, const Grid& scene) {
    return !storage.raw && storage.block_width >= scene.width && storage.block_height < 64 &&
           scene.width > 256;
}

std::string mib(std::size_t bytes) { return std::to_string((bytes + (1 << 20) - 1) >> 20) + " MiB"; }

std::size_t strip_pixel_bytes(const PlanInputs& in) {
    std::size_t bytes = 0;
    for (const auto& product : in.products) bytes += product.pixel_bytes();
    if (in.traits.blend != Blend::none)
        bytes += sizeof(float) * (static_cast<std::size_t>(std::max(1, in.traits.channels)) + 2);
    return bytes;
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

std::size_t token_bytes(const PlanInputs& in, const TileGrid& tiles) {
    const auto padded =
        static_cast<std::size_t>((std::min(tiles.tile_width, in.scene.width) + 2 * tiles.halo) *
                                 (std::min(tiles.tile_height, in.scene.height) + 2 * tiles.halo));
    const int channels = in.traits.channels > 0 ? in.traits.channels : in.bands_model;
    const auto floats = static_cast<std::size_t>(2 * std::max(in.bands_read, in.bands_model) + channels);
    return padded *
           (floats * sizeof(float) + 4 + in.traits.workspace_bytes_per_pixel + strip_pixel_bytes(in));
}

void plan_memory(const PlanInputs& in, Plan& plan) {
    plan.threads = std::max(1, in.threads);
    plan.bytes_fixed = kProgramBytes + in.traits.fixed_bytes;
    plan.bytes_per_token = token_bytes(in, plan.tiles);
    // Windows shifted into the scene reach back farther.
    const std::int64_t reach = plan.tiles.halo * (plan.tiles.fixed ? 3 : 1);
    const auto strip_rows =
        static_cast<std::size_t>(round_up(plan.tiles.tile_height + reach, plan.block) + plan.block);
    const auto mosaic = [&] {
        return strip_pixel_bytes(in) *
               static_cast<std::size_t>(std::min(plan.parts.part_width, in.extent.width)) *
               std::min<std::size_t>(strip_rows, static_cast<std::size_t>(in.extent.height));
    };
    plan.bytes_mosaic = mosaic();
    // Two blocks' worth of a row of tiles keeps every source block decoded once.
    const auto wanted_cache =
        in.storage.raw
            ? kSmallestCache
            : in.source_value_bytes * static_cast<std::size_t>(in.bands_read) *
                  static_cast<std::size_t>(in.scene.width) *
                  static_cast<std::size_t>(plan.tiles.tile_height + 2 * std::max(1, in.storage.block_height));
    plan.gdal_cache_bytes = std::clamp(wanted_cache, kSmallestCache * 4, kLargestCache);
    plan.tokens = plan.threads + 2;
    const auto total = [&] {
        return plan.bytes_fixed + plan.gdal_cache_bytes + plan.bytes_mosaic +
               static_cast<std::size_t>(plan.tokens) * plan.bytes_per_token;
    };
    if (in.memory_bytes > 0) {
        while (total() > in.memory_bytes && plan.gdal_cache_bytes > kSmallestCache)
            plan.gdal_cache_bytes = std::max(kSmallestCache, plan.gdal_cache_bytes / 2);
        while (total() > in.memory_bytes && plan.tokens > 1) --plan.tokens;
        // The last resort, so that the figure of a refusal is one that suffices.
        while (total() > in.memory_bytes && in.tiling.part <= 0 && plan.parts.part_width > plan.block) {
            plan.parts.part_width = plan.parts.part_height = round_up(plan.parts.part_width / 2, plan.block);
            plan.bytes_mosaic = mosaic();
        }
        if (total() > in.memory_bytes)
            throw Error(Code::memory,
                        "the run needs " + mib(total()) + " of memory, but " + mib(in.memory_bytes) +
                            " are allowed; raise --memory, or set a smaller tiling.tile or tiling.part");
        if (plan.tokens < plan.threads)
            plan.notes.push_back("memory allows " + std::to_string(plan.tokens) + " tile(s) in flight for " +
                                 std::to_string(plan.threads) + " threads");
    }
    plan.bytes_peak = total();
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
    } else if (stored_as_strips(in.storage, in.scene) && in.traits.local) {
        const std::int64_t area = static_cast<std::int64_t>(in.traits.tile) * in.traits.tile;
        tiles.tile_width = std::min<std::int64_t>(in.scene.width, kAutoPart);
        const std::int64_t rows =
            std::max<std::int64_t>(area / tiles.tile_width, 16 * std::max(1, tiles.halo));
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
    const auto window = plan.tiles.tile_width + 2 * plan.tiles.halo,
               trained = std::int64_t{in.traits.tile} + 2 * in.traits.halo;
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
