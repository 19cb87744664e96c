#include "kernels/target.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <stdexcept>

namespace spectile::kernels {
namespace {

TEST(Target, PinningNamesEveryAvailableTargetAndAutoUndoesIt) {
    pin_target("auto");
    const std::string best = target_name();
    const auto targets = available_targets();
    ASSERT_FALSE(targets.empty());
    EXPECT_EQ(best, targets.front());
    for (const std::string& target : targets) {
        pin_target(target);
        EXPECT_EQ(target_name(), target);
        EXPECT_EQ(available_targets(), targets) << "pinning must not hide the others";
    }
    pin_target("auto");
    EXPECT_EQ(target_name(), best);
}

TEST(Target, AliasesAreUnderstood) {
    const auto targets = available_targets();
    if (std::find(targets.begin(), targets.end(), "AVX2") == targets.end()) GTEST_SKIP() << "no AVX2 here";
    pin_target("avx2");
    EXPECT_EQ(target_name(), "AVX2");
    pin_target("auto");
}

TEST(Target, UnknownNamesAreRefusedAndChangeNothing) {
    const std::string before = target_name();
    EXPECT_THROW(pin_target("avx9000"), std::invalid_argument);
    EXPECT_EQ(target_name(), before);
}

TEST(Target, OpenBlasIsHelpedWhereItDoesNotKnowTheProcessor) {
    EXPECT_STREQ(better_openblas_core("Prescott", "AVX3"), "SKYLAKEX");
    EXPECT_STREQ(better_openblas_core("Prescott", "AVX3_DL"), "SKYLAKEX");
    EXPECT_STREQ(better_openblas_core("Nehalem", "AVX2"), "HASWELL");
    EXPECT_EQ(better_openblas_core("Prescott", "SSE4"), nullptr);
    EXPECT_EQ(better_openblas_core("Zen", "AVX2"), nullptr);
    EXPECT_EQ(better_openblas_core("SkylakeX", "AVX3"), nullptr);
    EXPECT_EQ(better_openblas_core("", "AVX3"), nullptr) << "another BLAS";
}

}  // namespace
}  // namespace spectile::kernels
