#include "run/shard.hpp"

#include <gmock/gmock.h>

#include "spectile/error.hpp"

namespace spectile::run {
namespace {

RunOptions shard(const std::string& text) {
    RunOptions options;
    options.shard = text;
    return options;
}

TEST(Shard, SharesPartsWithoutGapsOrOverlap) {
    EXPECT_THAT(parts_of(shard(""), 3), testing::ElementsAre(0, 1, 2));
    EXPECT_THAT(parts_of(shard("1/2"), 5), testing::ElementsAre(0, 1));
    EXPECT_THAT(parts_of(shard("2/2"), 5), testing::ElementsAre(2, 3, 4));
    EXPECT_EQ(shard_count(shard("3/16")), 16);
    EXPECT_EQ(shard_count(shard("")), 1);
}

TEST(Shard, RefusesWhatIsNoShard) {
    for (const char* bad : {"0/2", "3/2", "a/2", "2", "1/0", "1/2/3", "-1/2", "/", "auto", "1,2"})
        EXPECT_THROW(parts_of(shard(bad), 5), Error) << bad;
}

}  // namespace
}  // namespace spectile::run
