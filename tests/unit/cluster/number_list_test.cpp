#include "cluster/number_list.hpp"

#include <gmock/gmock.h>

#include "spectile/error.hpp"

namespace spectile::cluster {
namespace {

using testing::ElementsAre;

TEST(NumberList, IsWrittenAsArraySchedulersReadIt) {
    EXPECT_EQ(number_list({}), "");
    EXPECT_EQ(number_list({4}), "4");
    EXPECT_EQ(number_list({1, 2, 3, 7, 9, 10}), "1-3,7,9-10");
}

TEST(NumberList, IsReadInAnyOrderEachNumberOnce) {
    EXPECT_THAT(parse_number_list("7-9,3,8", "--shard", 1, 16), ElementsAre(3, 7, 8, 9));
    EXPECT_THAT(parse_number_list("16", "--shard", 1, 16), ElementsAre(16));
}

TEST(NumberList, RefusesWhatIsNone) {
    for (const char* bad : {"", ",", "1,", "a", "1-", "-1", "3-1", "0", "17", "1-17", "1.5", " 1", "1--2"})
        EXPECT_THROW(parse_number_list(bad, "--shard", 1, 16), Error) << bad;
}

}  // namespace
}  // namespace spectile::cluster
