#include "training/sampling.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace spectile::training {
namespace {

/// Samples 0 .. 89 of class 0, 90 .. 99 of class 1, none of class 2.
std::vector<std::vector<std::size_t>> members() {
    std::vector<std::vector<std::size_t>> classes(3);
    for (std::size_t i = 0; i < 100; ++i) classes[i < 90 ? 0 : 1].push_back(i);
    return classes;
}

std::map<std::size_t, int> counts(const std::vector<std::size_t>& order) {
    std::map<std::size_t, int> times;
    for (const auto i : order) ++times[i];
    return times;
}

Recipe recipe_with(const std::string& sampling) {
    Recipe recipe;
    recipe.sampling = sampling;
    return recipe;
}

TEST(Sampling, PlainShowsEverySampleOnceInAnOrderOfItsOwnEachEpoch) {
    const auto order = epoch_order(recipe_with("plain"), members(), 1, 1);
    EXPECT_EQ(counts(order).size(), 100U);
    EXPECT_EQ(order.size(), 100U);
    EXPECT_EQ(order, epoch_order(recipe_with("plain"), members(), 1, 1));
    EXPECT_NE(order, epoch_order(recipe_with("plain"), members(), 1, 2));
    EXPECT_NE(order, epoch_order(recipe_with("plain"), members(), 2, 1));
}

TEST(Sampling, BalancedShowsEveryClassEquallyOften) {
    const auto times = counts(epoch_order(recipe_with("balanced"), members(), 1, 1));
    int large = 0, small = 0;
    for (const auto& [sample, count] : times) (sample < 90 ? large : small) += count;
    EXPECT_EQ(large, 50);
    EXPECT_EQ(small, 50);
    for (std::size_t i = 90; i < 100; ++i) EXPECT_EQ(times.at(i), 5) << "shared out evenly";
    for (const auto& [sample, count] : times)
        if (sample < 90) {
            EXPECT_EQ(count, 1) << "none twice before all were shown";
        }
}

TEST(Sampling, RootLiesBetweenAndEpochsDrawAnew) {
    const auto first = counts(epoch_order(recipe_with("root"), members(), 1, 1));
    const auto second = counts(epoch_order(recipe_with("root"), members(), 1, 2));
    int small = 0;
    for (const auto& [sample, count] : first) small += sample < 90 ? 0 : count;
    EXPECT_EQ(small, 25);  // 100 sqrt(10) / (sqrt(10) + sqrt(90))
    EXPECT_NE(first, second);
}

}  // namespace
}  // namespace spectile::training
