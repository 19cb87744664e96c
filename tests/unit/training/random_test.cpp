#include "training/random.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace spectile::training {
namespace {

TEST(Random, SameKeyGivesTheSameNumbersAndAnyOtherKeyOthers) {
    Random a(1, Purpose::order, {3, 4}), b(1, Purpose::order, {3, 4});
    EXPECT_EQ(a.bits(), b.bits());
    const auto first = Random(1, Purpose::order, {3, 4}).bits();
    EXPECT_NE(first, Random(2, Purpose::order, {3, 4}).bits());
    EXPECT_NE(first, Random(1, Purpose::split, {3, 4}).bits());
    EXPECT_NE(first, Random(1, Purpose::order, {4, 3}).bits());
    EXPECT_NE(first, Random(1, Purpose::order, {3}).bits());
}

TEST(Random, NumbersStayTheSameFromVersionToVersion) {
    // Stored checkpoints and published trainings depend on these.
    Random random(1, Purpose::order, {1});
    EXPECT_EQ(random.bits(), 0x430D35B46EEB6871ULL);
}

TEST(Random, DrawsAreSpreadEvenly) {
    Random random(5, Purpose::augmentation, {});
    constexpr int kDraws = 60000;
    int counts[6] = {};
    double sum = 0, squares = 0, rough_sum = 0, rough_squares = 0;
    for (int i = 0; i < kDraws; ++i) {
        ++counts[random.below(6)];
        const double value = random.normal();
        sum += value;
        squares += value * value;
        const double rough = random.rough_normal();
        rough_sum += rough;
        rough_squares += rough * rough;
    }
    for (const int count : counts) EXPECT_NEAR(count, kDraws / 6, 400);
    EXPECT_NEAR(sum / kDraws, 0, 0.02);
    EXPECT_NEAR(squares / kDraws, 1, 0.03);
    EXPECT_NEAR(rough_sum / kDraws, 0, 0.02);
    EXPECT_NEAR(rough_squares / kDraws, 1, 0.03);
}

TEST(Random, ShuffledHoldsEveryNumberOnce) {
    auto order = shuffled(1000, Random(9, Purpose::order, {2}));
    EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
    std::sort(order.begin(), order.end());
    for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], i);
    EXPECT_TRUE(shuffled(0, Random(9, Purpose::order, {2})).empty());
}

}  // namespace
}  // namespace spectile::training
