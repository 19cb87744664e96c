#include "plan/balance.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace spectile::plan {
namespace {

using testing::ElementsAre;

TEST(Balance, EqualPartsMakeEqualShards) {
    const std::vector<std::int64_t> weights(64, 10);
    for (const auto& run : balance_parts(weights, 16)) EXPECT_EQ(run.count(), 4);
}

TEST(Balance, EmptyPartsWeighLittle) {
    const std::vector<std::int64_t> weights = {1, 1, 1, 1, 1, 1, 50, 50};
    EXPECT_THAT(balance_parts(weights, 2), ElementsAre(PartRun{0, 7}, PartRun{7, 8}));
}

TEST(Balance, ShardsBeyondThePartsAreEmpty) {
    const std::vector<std::int64_t> weights = {5, 5};
    EXPECT_THAT(balance_parts(weights, 3), ElementsAre(PartRun{0, 1}, PartRun{1, 2}, PartRun{2, 2}));
}

TEST(Balance, HoldsEveryPartOnceAndNoShardIsFurtherThanOnePartFromItsShare) {
    std::mt19937 random(8);
    for (int i = 0; i < 500; ++i) {
        std::vector<std::int64_t> weights(1 + random() % 200);
        for (auto& weight : weights)
            weight = random() % 3 == 0 ? 0 : static_cast<std::int64_t>(random() % 1000);
        const int shards = 1 + static_cast<int>(random() % 40);
        const auto runs = balance_parts(weights, shards);
        ASSERT_EQ(runs.size(), static_cast<std::size_t>(shards));
        std::int64_t next = 0;
        for (const auto& run : runs) {
            ASSERT_EQ(run.begin, next);
            ASSERT_GE(run.end, run.begin);
            if (weights.size() >= static_cast<std::size_t>(shards)) {
                ASSERT_GT(run.count(), 0);
            }
            next = run.end;
        }
        ASSERT_EQ(next, static_cast<std::int64_t>(weights.size()));
    }
}

TEST(Balance, NoShardIsFurtherThanOnePartFromItsShare) {
    std::mt19937 random(9);
    std::vector<std::int64_t> weights(2000);
    for (auto& weight : weights) weight = 100 + static_cast<std::int64_t>(random() % 900);
    const auto whole = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
    for (const auto& run : balance_parts(weights, 16)) {
        const auto own =
            std::accumulate(weights.begin() + run.begin, weights.begin() + run.end, std::int64_t{0});
        EXPECT_NEAR(static_cast<double>(own), static_cast<double>(whole) / 16, 1000);
    }
}

}  // namespace
}  // namespace spectile::plan
