#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>

#include "plan/make_plan.hpp"
#include "plan/recomputed_share.hpp"

namespace spectile {
namespace {

std::int64_t between(std::int64_t low, std::int64_t high) {
    return *rc::gen::inRange<std::int64_t>(low, high + 1);
}

TileGrid any_tile_grid() {
    TileGrid tiles;
    tiles.tile_width = between(1, 40);
    tiles.tile_height = between(1, 40);
    tiles.scene_width = between(1, 3 * tiles.tile_width);
    tiles.scene_height = between(1, 3 * tiles.tile_height);
    tiles.halo = static_cast<int>(between(0, 9));
    tiles.fixed = *rc::gen::arbitrary<bool>();
    tiles.blend = *rc::gen::element(Blend::none, Blend::feather);
    return tiles;
}

TEST(TileLaws, CoresCoverEveryPixelOnce) {
    EXPECT_TRUE(rc::check("cores cover every pixel once", [] {
        const TileGrid tiles = any_tile_grid();
        std::vector<int> seen(static_cast<std::size_t>(tiles.scene_width * tiles.scene_height));
        for (std::int64_t i = 0; i < tiles.count(); ++i) {
            const Window core = tiles.tile(i).core;
            for (auto y = core.y; y < core.bottom(); ++y)
                for (auto x = core.x; x < core.right(); ++x)
                    ++seen[static_cast<std::size_t>(y * tiles.scene_width + x)];
        }
        RC_ASSERT(std::all_of(seen.begin(), seen.end(), [](int n) { return n == 1; }));
    }));
}

TEST(TileLaws, ReadsStayInsideTheHalo) {
    EXPECT_TRUE(rc::check("padded = cell or core plus halo; keep inside both padded and scene", [] {
        const TileGrid tiles = any_tile_grid();
        for (std::int64_t i = 0; i < tiles.count(); ++i) {
            const Tile tile = tiles.tile(i);
            const Window scene{0, 0, tiles.scene_width, tiles.scene_height};
            const Window wanted = grow(tile.core, tiles.halo);
            RC_ASSERT(tile.padded.contains(tiles.fixed ? intersect(wanted, scene) : wanted));
            RC_ASSERT(tile.padded.width <= tiles.tile_width + 2 * tiles.halo);
            RC_ASSERT(tile.padded.height <= tiles.tile_height + 2 * tiles.halo);
            RC_ASSERT(tile.padded.contains(tile.keep));
            RC_ASSERT(scene.contains(tile.keep));
            if (!tiles.fixed) continue;
            RC_ASSERT(tile.padded.width == tiles.tile_width + 2 * tiles.halo);
            // Nothing is padded along an axis on which a window fits into the scene.
            if (tile.padded.width <= scene.width)
                RC_ASSERT(tile.padded.x >= 0 && tile.padded.right() <= scene.right());
            if (tile.padded.height <= scene.height)
                RC_ASSERT(tile.padded.y >= 0 && tile.padded.bottom() <= scene.bottom());
        }
    }));
}

TEST(TileLaws, VisitTouchingFindsExactlyTheTilesThatMeetAWindowInGridOrder) {
    EXPECT_TRUE(rc::check("visit_touching equals brute force", [] {
        const TileGrid tiles = any_tile_grid();
        const auto x = between(0, tiles.scene_width - 1);
        const auto y = between(0, tiles.scene_height - 1);
        const Window window{x, y, between(1, tiles.scene_width - x), between(1, tiles.scene_height - y)};
        std::vector<std::int64_t> wanted, got;
        for (std::int64_t i = 0; i < tiles.count(); ++i)
            if (!intersect(tiles.tile(i).keep, window).empty()) wanted.push_back(i);
        tiles.visit_touching(window, [&](const Tile& tile) {
            if (!intersect(tile.keep, window).empty()) got.push_back(tile.index);
        });
        RC_ASSERT(got == wanted);
    }));
}

TEST(PartLaws, EveryOutputPixelBelongsToExactlyOnePartAndIsCoveredByItsTiles) {
    EXPECT_TRUE(rc::check("parts partition the output, tiles cover each part", [] {
        const TileGrid tiles = any_tile_grid();
        const Window scene{0, 0, tiles.scene_width, tiles.scene_height};
        const auto x = between(0, tiles.scene_width - 1);
        const auto y = between(0, tiles.scene_height - 1);
        const Window extent{x, y, between(1, tiles.scene_width - x), between(1, tiles.scene_height - y)};
        const PartGrid parts{extent.width, extent.height, between(1, 50), between(1, 50)};
        std::vector<int> seen(static_cast<std::size_t>(extent.area()));
        for (std::int64_t i = 0; i < parts.count(); ++i) {
            const Window part = parts.part(i).window;
            Window in_scene = part;
            in_scene.x += extent.x;
            in_scene.y += extent.y;
            std::int64_t covered = 0;
            tiles.visit_touching(in_scene,
                                 [&](const Tile& tile) { covered += intersect(tile.core, in_scene).area(); });
            RC_ASSERT(covered == part.area());
            for (auto row = part.y; row < part.bottom(); ++row)
                for (auto col = part.x; col < part.right(); ++col)
                    ++seen[static_cast<std::size_t>(row * extent.width + col)];
        }
        RC_ASSERT(std::all_of(seen.begin(), seen.end(), [](int n) { return n == 1; }));
        RC_ASSERT(scene.contains(extent));
    }));
}

/// Pixels that all parts infer, counted tile by tile.
std::int64_t inferred(const Plan& plan, bool local) {
    std::int64_t pixels = 0;
    for (std::int64_t i = 0; i < plan.parts.count(); ++i) {
        Window window = plan.parts.part(i).window;
        window.x += plan.extent.x;
        window.y += plan.extent.y;
        plan.tiles.visit_touching(window, [&](const Tile& tile) {
            const Window wanted = intersect(tile.keep, window);
            if (wanted.empty()) return;
            const bool cut = local && !plan.tiles.fixed && plan.tiles.blend == Blend::none;
            pixels += (cut ? grow(wanted, plan.tiles.halo) : tile.padded).area();
        });
    }
    return pixels;
}

TEST(PartLaws, RecomputedShareIsWhatPartsInferBeyondOnePartOverAll) {
    EXPECT_TRUE(rc::check("recomputed share equals brute force", [] {
        Plan plan;
        plan.tiles = any_tile_grid();
        const auto x = between(0, plan.tiles.scene_width - 1), y = between(0, plan.tiles.scene_height - 1);
        plan.extent = {x, y, between(1, plan.tiles.scene_width - x), between(1, plan.tiles.scene_height - y)};
        plan.parts = {plan.extent.width, plan.extent.height, between(1, 50), between(1, 50)};
        Plan one = plan;
        one.parts.part_width = plan.extent.width;
        one.parts.part_height = plan.extent.height;
        const bool local = *rc::gen::arbitrary<bool>();
        const double share = static_cast<double>(inferred(plan, local)) / inferred(one, local) - 1;
        RC_ASSERT(std::abs(plan::recomputed_share(plan, local) - share) < 1e-9);
    }));
}

TEST(PartLaws, ShardsTakeEveryPartOnce) {
    EXPECT_TRUE(rc::check("contiguous, disjoint, complete, sizes within one", [] {
        const auto parts = between(0, 500);
        const int n = static_cast<int>(between(1, 64));
        std::int64_t next = 0;
        std::set<std::size_t> sizes;
        for (int k = 1; k <= n; ++k) {
            const auto mine = plan::parts_of_shard(parts, k, n);
            for (const auto part : mine) RC_ASSERT(part == next++);
            sizes.insert(mine.size());
        }
        RC_ASSERT(next == parts);
        RC_ASSERT(*sizes.rbegin() - *sizes.begin() <= 1);
    }));
}

}  // namespace
}  // namespace spectile
