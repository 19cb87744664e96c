#include "run/shard.hpp"

#include <gmock/gmock.h>

#include "spectile/error.hpp"

namespace spectile::run {
namespace {

TEST(Shard, SharesPartsWithoutGapsOrOverlap) {
    EXPECT_THAT(parts_of("", 3), testing::ElementsAre(0, 1, 2));
    EXPECT_THAT(parts_of("1/2", 5), testing::ElementsAre(0, 1));
    EXPECT_THAT(parts_of("2/2", 5), testing::ElementsAre(2, 3, 4));
    EXPECT_EQ(shard_count("3/16"), 16);
    EXPECT_EQ(shard_count(""), 1);
}

TEST(Shard, RefusesWhatIsNoShard) {
    for (const char* bad : {"0/2", "3/2", "a/2", "2", "1/0", "1/2/3", "-1/2", "/"})
        EXPECT_THROW(parts_of(bad, 5), Error) << bad;
}

}  // namespace
}  // namespace spectile::run
