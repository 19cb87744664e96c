#include "core/checksum.hpp"

#include <gtest/gtest.h>

namespace spectile {
namespace {

TEST(Checksum, Sha256MatchesTheStandardsVectors) {
    EXPECT_EQ(sha256_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Checksum, Xxh3OfNothingIsTheKnownConstant) { EXPECT_EQ(xxh3_hex("", 0), "2d06800538d394c2"); }

}  // namespace
}  // namespace spectile
