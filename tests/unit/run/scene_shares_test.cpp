#include "run/scene_shares.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "run/shard.hpp"
#include "spectile/error.hpp"

namespace spectile::run {
namespace {

RC_GTEST_PROP(SceneShares, EveryShareOfEverySceneIsGivenOnce, ()) {
    const auto scenes = *rc::gen::inRange<std::size_t>(2, 60);
    const int shards = *rc::gen::inRange(1, 200);
    std::map<std::size_t, std::multiset<std::string>> given;
    for (int shard = 1; shard <= shards; ++shard)
        for (const auto& share : share_out(std::to_string(shard) + "/" + std::to_string(shards), scenes))
            given[share.scene].insert(share.shard);
    RC_ASSERT(given.size() == scenes);
    std::size_t fewest = 1000, most = 0;
    for (const auto& [scene, shares] : given) {
        std::multiset<std::string> expected = {""};
        if (shares.size() > 1) {
            expected.clear();
            for (std::size_t k = 1; k <= shares.size(); ++k)
                expected.insert(std::to_string(k) + "/" + std::to_string(shares.size()));
        }
        RC_ASSERT(shares == expected);
        fewest = std::min(fewest, shares.size());
        most = std::max(most, shares.size());
    }
    RC_ASSERT(most - fewest <= 1u);
}

TEST(SceneShares, OneSceneKeepsItsShard) {
    const auto shares = share_out("3,7-9", 1);
    ASSERT_EQ(shares.size(), 1u);
    EXPECT_EQ(shares[0].shard, "3,7-9");
    EXPECT_THROW(share_out("3,7-9", 2), Error);
    EXPECT_THROW(share_out("4/3", 2), Error);
}

}  // namespace
}  // namespace spectile::run
