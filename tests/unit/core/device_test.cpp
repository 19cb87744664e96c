#include "core/device.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "spectile/error.hpp"

namespace spectile {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Device, GoesToCudaWhereItIsNamed) {
    EXPECT_TRUE(goes_to_cuda("cuda:0,1"));
    EXPECT_FALSE(goes_to_cuda("cpu"));
    EXPECT_EQ(goes_to_cuda("auto"), cuda_driver().devices > 0);
}

TEST(Device, TextIsReadAsUsersWriteIt) {
    EXPECT_TRUE(parse_device("auto").automatic);
    EXPECT_TRUE(parse_device("").automatic);
    EXPECT_FALSE(parse_device("cpu").automatic);
    EXPECT_THAT(parse_device("cpu").cuda, IsEmpty());
    EXPECT_THAT(parse_device("cuda").cuda, ElementsAre(0));
    EXPECT_THAT(parse_device("cuda:3").cuda, ElementsAre(3));
    EXPECT_THAT(parse_device("cuda:1,0,12").cuda, ElementsAre(1, 0, 12));
}

TEST(Device, AnythingElseIsAUsageErrorThatRepeatsTheText) {
    for (const char* text : {"gpu", "CPU", "cuda:", "cuda:a", "cuda:-1", "cuda:0,", "cuda:0,,1", "cuda:0;1",
                             "cuda:0,0", "cuda:99999999999", "cuda0", "cpu,cuda"}) {
        try {
            parse_device(text);
            ADD_FAILURE() << text;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Code::usage) << text;
            EXPECT_THAT(error.what(), testing::HasSubstr(std::string("--device ") + text + ":"));
        }
    }
}

}  // namespace
}  // namespace spectile
