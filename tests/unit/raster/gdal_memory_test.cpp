// GDAL aborts where it gets no memory; spectile ends with its line and its exit status.
#include <cpl_conv.h>
#include <gtest/gtest.h>

#include <limits>
#include <thread>

#include "gdal/errors.hpp"
#include "gdal/setup.hpp"
#include "spectile/error.hpp"

namespace spectile::test {
namespace {

/// Read at run time: the compiler warns of sizes that it can see.
const volatile std::size_t kMoreThanThereIs = std::numeric_limits<std::size_t>::max() / 4;
/// A sanitizer says its own line before.
constexpr const char* kLine =
    "(^|\n)spectile: GDAL got no more memory \\(.*\\); lower --memory or --threads .*\n$";

class GdalMemory : public testing::Test {
protected:
    void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(GdalMemory, ThatIsNotToBeHadEndsTheProcessWithItsLineWhereMessagesAreCollected) {
    const auto ask = [] {
        const GdalErrors errors;
        CPLFree(CPLMalloc(kMoreThanThereIs));
    };
    EXPECT_EXIT(ask(), testing::ExitedWithCode(exit_code(Code::memory)), kLine);
}

TEST_F(GdalMemory, ThatIsNotToBeHadEndsTheProcessWithItsLineOnGdalsOwnThreads) {
    const auto ask = [] {
        start_gdal();
        std::thread([] { CPLFree(CPLMalloc(kMoreThanThereIs)); }).join();
    };
    EXPECT_EXIT(ask(), testing::ExitedWithCode(exit_code(Code::memory)), kLine);
}

}  // namespace
}  // namespace spectile::test
