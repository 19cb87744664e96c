#include "training/augmentation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace spectile::training {
namespace {

std::vector<float> counted(int bands, int side) {
    std::vector<float> patch(static_cast<std::size_t>(bands * side * side));
    std::iota(patch.begin(), patch.end(), 1.0F);
    return patch;
}

std::set<std::vector<float>> outcomes(const Augmentation& a, const std::vector<float>& start, int side,
                                      const std::vector<float>& dark) {
    std::set<std::vector<float>> found;
    for (std::uint64_t i = 0; i < 400; ++i) {
        auto patch = start;
        Random random(1, Purpose::augmentation, {i});
        augment(a, patch, side, dark, random);
        found.insert(patch);
    }
    return found;
}

TEST(Augmentation, NothingIsChangedWhereNothingIsAskedFor) {
    const auto start = counted(2, 3);
    EXPECT_EQ(outcomes({}, start, 3, {0, 0}), std::set{start});
}

TEST(Augmentation, TurnsGiveFourPatchesFlipsFourAndBothTheEightSymmetries) {
    const auto start = counted(1, 3);
    EXPECT_EQ(outcomes({.flips = true}, start, 3, {0}).size(), 4U);
    EXPECT_EQ(outcomes({.flips = true, .turns = true}, start, 3, {0}).size(), 8U);
    const std::vector<float> quarter = {7, 4, 1, 8, 5, 2, 9, 6, 3}, half = {9, 8, 7, 6, 5, 4, 3, 2, 1},
                             three = {3, 6, 9, 2, 5, 8, 1, 4, 7};
    EXPECT_EQ(outcomes({.turns = true}, start, 3, {0}), (std::set{start, quarter, half, three}));
}

TEST(Augmentation, EveryBandIsTurnedAlike) {
    for (const auto& patch : outcomes({.flips = true, .turns = true}, counted(2, 3), 3, {0, 0}))
        for (std::size_t i = 0; i < 9; ++i) EXPECT_EQ(patch[9 + i], patch[i] + 9);
}

TEST(Augmentation, BrightnessMovesAlongTheLineFromTheDarkValue) {
    const std::vector<float> dark = {-2, 5};
    const std::vector<float> start = {1, 7};
    for (const auto& patch : outcomes({.brightness = 0.3}, start, 1, dark)) {
        const float change = (patch[0] - start[0]) / 3;
        EXPECT_NEAR(patch[1] - start[1], change * 2, 1e-5);
    }
}

TEST(Augmentation, SpectralDropoutClearsOneRunOfBandsUpToTheShare) {
    const auto start = counted(20, 1);
    bool cleared = false;
    for (const auto& patch : outcomes({.spectral_dropout = 0.25}, start, 1, std::vector<float>(20))) {
        const auto first = std::find(patch.begin(), patch.end(), 0.0F);
        const auto last = std::find_if(first, patch.end(), [](float v) { return v != 0; });
        EXPECT_LE(last - first, 5);
        EXPECT_EQ(std::find(last, patch.end(), 0.0F), patch.end());
        cleared = cleared || first != patch.end();
    }
    EXPECT_TRUE(cleared);
}

TEST(Augmentation, MixingIsAWeightedMean) {
    std::vector<float> patch = {1, 2};
    mix(patch, std::vector<float>{3, 6}, 0.75F);
    EXPECT_THAT(patch, testing::ElementsAre(1.5F, 3.0F));
}

}  // namespace
}  // namespace spectile::training
