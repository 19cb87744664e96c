#include "prepare/pad.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "unit/prepare/scenes.hpp"

namespace spectile::test {
namespace {

using testing::ElementsAre;

Cube two_by_three() {
    Cube cube;
    cube.reset({0, 0, 3, 2}, 1);
    cube.values = {1, 2, 3, 4, 5, 6};
    cube.valid = {1, 1, 1, 1, 0, 1};
    return cube;
}

TEST(Pad, RepeatsTheNearestEdgePixel) {
    Cube cube = two_by_three();
    prepare::pad(cube, {-1, -1, 5, 4}, Padding::nearest);
    EXPECT_THAT(cube.values, ElementsAre(1, 1, 2, 3, 3, 1, 1, 2, 3, 3, 4, 4, 5, 6, 6, 4, 4, 5, 6, 6));
    EXPECT_THAT(cube.valid, ElementsAre(0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0));
    EXPECT_EQ(cube.window, (Window{-1, -1, 5, 4}));
}

TEST(Pad, ReflectsWithoutRepeatingTheEdge) {
    Cube cube = two_by_three();
    prepare::pad(cube, {-2, 0, 6, 3}, Padding::reflect);
    EXPECT_THAT(cube.values, ElementsAre(3, 2, 1, 2, 3, 2, 6, 5, 4, 5, 6, 5, 3, 2, 1, 2, 3, 2));
}

TEST(Pad, ReflectsAgainAndAgainBeyondTheScene) {
    Cube cube = cube_of({{1}, {2}, {3}});
    prepare::pad(cube, {-5, 0, 11, 1}, Padding::reflect);
    EXPECT_THAT(cube.values, ElementsAre(2, 1, 2, 3, 2, 1, 2, 3, 2, 1, 2));
    Cube single = cube_of({{7}});
    prepare::pad(single, {-2, -1, 5, 3}, Padding::reflect);
    EXPECT_THAT(single.values, testing::Each(7));
}

TEST(Pad, AgreesWithItsDefinitionForRandomWindows) {
    for (int seed = 1; seed <= 40; ++seed) {
        const Window inside{seed % 3, seed % 4, 1 + seed % 7, 1 + seed % 5};
        const Cube before = random_cube(inside, 3, static_cast<std::uint64_t>(seed));
        const Window wanted{inside.x - seed % 4, inside.y - seed % 9, inside.width + seed % 4 + seed % 6,
                            inside.height + seed % 9 + seed % 2};
        Cube after = before;
        prepare::pad(after, wanted, Padding::nearest);
        for (int band = 0; band < 3; ++band)
            for (auto y = wanted.y; y < wanted.bottom(); ++y)
                for (auto x = wanted.x; x < wanted.right(); ++x) {
                    const auto sx = std::clamp(x, inside.x, inside.right() - 1) - inside.x;
                    const auto sy = std::clamp(y, inside.y, inside.bottom() - 1) - inside.y;
                    const auto at = static_cast<std::size_t>((y - wanted.y) * wanted.width + x - wanted.x);
                    const auto from = static_cast<std::size_t>(sy * inside.width + sx);
                    ASSERT_EQ(after.band(band)[at], before.band(band)[from]);
                    const bool is_inside =
                        x >= inside.x && x < inside.right() && y >= inside.y && y < inside.bottom();
                    ASSERT_EQ(after.valid[at], is_inside ? before.valid[from] : 0);
                }
    }
}

TEST(Pad, RefusesAWindowThatDoesNotContainTheCube) {
    Cube cube = two_by_three();
    const auto [code, message] = error_of([&] { prepare::pad(cube, {1, 0, 5, 5}, Padding::nearest); });
    EXPECT_EQ(code, Code::internal);
    EXPECT_EQ(message, "pad: window 5x5 at (1, 0) does not contain 3x2 at (0, 0)");
}

}  // namespace
}  // namespace spectile::test
