#include "plan/plan_memory.hpp"

#include <algorithm>

#include "spectile/error.hpp"

namespace spectile::plan {
namespace {

constexpr std::int64_t kSmallPart = 1024;  // Below, what neighbours share costs more than is spared.
constexpr int kSpareTokens = 2;            // Read or written while each thread works on one.
// Of a program before any work: with GDAL alone, and what LibTorch adds.
constexpr std::size_t kProgramBytes = std::size_t{80} << 20;
constexpr std::size_t kLibTorchBytes = std::size_t{120} << 20;
constexpr std::size_t kSmallestCache = std::size_t{16} << 20;
constexpr std::size_t kLargestCache = std::size_t{512} << 20;

/// A thread works on one tile, or one batch; of batches the next one is made ready meanwhile.
int wanted_tokens(const PlanInputs& in, const Plan& plan) {
    return std::max(plan.threads + kSpareTokens, in.batch > 1 ? 2 * in.batch : 1);
}

/// Two batches must have room; a power of two stays one.
int batch_within(const PlanInputs& in, const Plan& plan) {
    int batch = std::max(1, in.batch);
    while (batch > 1 && 2 * batch > plan.tokens) batch /= 2;
    return batch;
}

std::string mib(std::size_t bytes) { return std::to_string((bytes + (1 << 20) - 1) >> 20) + " MiB"; }

std::size_t token_bytes(const PlanInputs& in, const TileGrid& tiles) {
    const auto padded_side = [&](std::int64_t tile, std::int64_t scene) {
        return static_cast<std::size_t>(std::min(tile, scene) + std::int64_t{2} * tiles.halo);
    };
    const std::size_t padded =
        padded_side(tiles.tile_width, in.scene.width) * padded_side(tiles.tile_height, in.scene.height);
    const int channels = in.traits.channels > 0 ? in.traits.channels : in.bands_model;
    const auto floats =
        2 * static_cast<std::size_t>(std::max({in.bands_read, in.bands_model, in.bands_widest})) +
        static_cast<std::size_t>(channels);
    return padded *
           (floats * sizeof(float) + 4 + in.traits.workspace_bytes_per_pixel + strip_pixel_bytes(in));
}

std::size_t mosaic_bytes(const PlanInputs& in, const Plan& plan) {
    // Windows shifted into the scene reach back farther.
    const std::int64_t reach = std::int64_t{plan.tiles.halo} * (plan.tiles.fixed ? 3 : 1);
    const auto rows =
        static_cast<std::size_t>(round_up(plan.tiles.tile_height + reach, plan.block) + plan.block);
    return strip_pixel_bytes(in) *
           static_cast<std::size_t>(std::min(plan.parts.part_width, in.extent.width)) *
           std::min<std::size_t>(rows, static_cast<std::size_t>(in.extent.height));
}

/// Two blocks' worth of a row of tiles keeps every source block decoded once.
std::size_t wanted_cache(const PlanInputs& in, const Plan& plan) {
    const auto row =
        in.storage.raw ? kSmallestCache
                       : in.source_value_bytes * static_cast<std::size_t>(in.bands_read) *
                             static_cast<std::size_t>(in.scene.width) *
                             static_cast<std::size_t>(plan.tiles.tile_height +
                                                      std::int64_t{2} * std::max(1, in.storage.block_height));
    return std::clamp(row, kSmallestCache * 4, kLargestCache);
}

std::size_t total(const Plan& plan) {
    return plan.bytes_fixed + plan.gdal_cache_bytes + plan.bytes_mosaic +
           static_cast<std::size_t>(plan.tokens) * plan.bytes_per_token;
}

/// What costs least goes first: a thread without work costs more than a few more parts do.
void fit(const PlanInputs& in, Plan& plan) {
    const auto too_much = [&] { return total(plan) > in.memory_bytes; };
    const auto fewer_tokens = [&](int least) {
        while (too_much() && plan.tokens > least) --plan.tokens;
    };
    const auto smaller_parts = [&](std::int64_t least) {
        while (too_much() && in.tiling.part <= 0 && plan.parts.part_width > least) {
            plan.parts.part_width = plan.parts.part_height = round_up(plan.parts.part_width / 2, plan.block);
            plan.bytes_mosaic = mosaic_bytes(in, plan);
        }
    };
    while (too_much() && plan.gdal_cache_bytes > kSmallestCache)
        plan.gdal_cache_bytes = std::max(kSmallestCache, plan.gdal_cache_bytes / 2);
    fewer_tokens(plan.threads);
    smaller_parts(std::max<std::int64_t>(kSmallPart, plan.block));
    fewer_tokens(1);
    smaller_parts(plan.block);  // The last resort, so that the figure of a refusal is one that suffices.
    if (too_much())
        throw Error(Code::memory,
                    "the run needs " + mib(total(plan)) + " of memory, but " + mib(in.memory_bytes) +
                        " are allowed; raise --memory, or set a smaller tiling.tile or tiling.part");
    while (plan.tokens < wanted_tokens(in, plan) && total(plan) + plan.bytes_per_token <= in.memory_bytes)
        ++plan.tokens;
}

}  // namespace

std::size_t strip_pixel_bytes(const PlanInputs& in) {
    std::size_t bytes = 0;
    for (const auto& product : in.products) bytes += product.pixel_bytes();
    if (in.traits.blend != Blend::none)
        bytes += sizeof(float) * (static_cast<std::size_t>(std::max(1, in.traits.channels)) + 2);
    return bytes;
}

void plan_memory(const PlanInputs& in, Plan& plan) {
    plan.threads = std::max(1, in.threads);
    plan.bytes_fixed = kProgramBytes + (in.libtorch ? kLibTorchBytes : 0) + in.traits.fixed_bytes;
    plan.bytes_per_token = token_bytes(in, plan.tiles);
    plan.bytes_mosaic = mosaic_bytes(in, plan);
    plan.gdal_cache_bytes = wanted_cache(in, plan);
    plan.tokens = wanted_tokens(in, plan);
    if (in.memory_bytes > 0) fit(in, plan);
    if (plan.tokens < plan.threads)
        plan.notes.push_back("memory allows " + std::to_string(plan.tokens) + " tile(s) in flight for " +
                             std::to_string(plan.threads) + " threads");
    plan.batch = batch_within(in, plan);
    if (plan.batch < in.batch)
        plan.notes.push_back("memory allows batches of " + std::to_string(plan.batch) + " tile(s), not " +
                             std::to_string(in.batch));
    plan.bytes_peak = total(plan);
}

}  // namespace spectile::plan
