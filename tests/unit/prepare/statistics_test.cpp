#include "prepare/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "unit/prepare/scenes.hpp"

namespace spectile::test {
namespace {

TEST(Statistics, AreThoseOfTheValidPixels) {
    Cube cube = cube_of({{1, -1}, {2, -2}, {3, -3}, {6, -6}, {1000, 1000}});
    cube.valid[4] = 0;
    const auto statistics = prepare::finish(prepare::moments_of(cube));
    EXPECT_EQ(statistics[0].count, 4U);
    EXPECT_DOUBLE_EQ(statistics[0].mean, 3);
    EXPECT_DOUBLE_EQ(statistics[0].standard_deviation, std::sqrt(3.5));
    EXPECT_EQ(statistics[0].minimum, 1);
    EXPECT_EQ(statistics[0].maximum, 6);
    EXPECT_EQ(statistics[1].minimum, -6);
    EXPECT_DOUBLE_EQ(statistics[1].mean, -3);
}

TEST(Statistics, OfBlocksMergeToThoseOfTheWhole) {
    const Cube scene = random_cube({0, 0, 100, 60}, 3, 77);
    std::vector<prepare::BandMoments> merged;
    for (std::int64_t y = 0; y < 60; y += 16)
        prepare::merge(merged, prepare::moments_of(cut(scene, intersect({0, y, 100, 16}, scene.window))));
    const auto whole = prepare::finish(prepare::moments_of(scene));
    const auto parts = prepare::finish(merged);
    for (std::size_t band = 0; band < 3; ++band) {
        EXPECT_EQ(parts[band].count, whole[band].count);
        EXPECT_NEAR(parts[band].mean, whole[band].mean, 1e-14);
        EXPECT_NEAR(parts[band].standard_deviation, whole[band].standard_deviation, 1e-14);
        EXPECT_EQ(parts[band].minimum, whole[band].minimum);
        EXPECT_EQ(parts[band].maximum, whole[band].maximum);
    }
}

TEST(Statistics, KeepSmallDeviationsOnALargeMean) {
    std::vector<std::vector<float>> pixels;
    for (int i = 0; i < 1001; ++i) pixels.push_back({1.0e6F + static_cast<float>(i % 2)});
    const auto statistics = prepare::finish(prepare::moments_of(cube_of(pixels)));
    EXPECT_NEAR(statistics[0].standard_deviation, 0.5, 1e-6);
}

TEST(Statistics, OfNothingAreZero) {
    Cube cube = cube_of({{5}, {6}});
    cube.valid = {0, 0};
    auto statistics = statistics_of(cube);
    EXPECT_EQ(statistics[0].count, 0U);
    EXPECT_EQ(statistics[0].mean, 0);
    EXPECT_EQ(prepare::percentile_of(statistics[0], 50), 0);
    std::vector<prepare::BandMoments> merged;
    prepare::merge(merged, prepare::moments_of(cube));
    prepare::merge(merged, prepare::moments_of(cube_of({{5}, {6}})));
    EXPECT_EQ(merged[0].count, 2U);
    EXPECT_EQ(merged[0].minimum, 5);
}

TEST(Histogram, AddsUpOverBlocksInAnyOrder) {
    const Cube scene = random_cube({0, 0, 64, 64}, 2, 5);
    const auto whole = statistics_of(scene);
    const auto empty = prepare::finish(prepare::moments_of(scene));
    auto sum = empty;
    for (std::int64_t y = 48; y >= 0; y -= 16) {
        auto block = empty;
        prepare::count_values(cut(scene, {0, y, 64, 16}), block);
        prepare::merge_histograms(sum, block);
    }
    EXPECT_EQ(sum[0].histogram, whole[0].histogram);
    EXPECT_EQ(sum[1].histogram, whole[1].histogram);
}

TEST(Percentile, LiesWithinOneBin) {
    std::vector<std::vector<float>> pixels;
    for (int i = 0; i < 10000; ++i) pixels.push_back({static_cast<float>((i * 7919) % 10000)});
    const auto statistics = statistics_of(cube_of(pixels));
    const double bin = 9999.0 / kHistogramBins;
    for (const double percent : {0.0, 2.0, 25.0, 50.0, 98.0, 100.0})
        EXPECT_NEAR(prepare::percentile_of(statistics[0], percent), percent / 100 * 9999, bin);
}

}  // namespace
}  // namespace spectile::test
