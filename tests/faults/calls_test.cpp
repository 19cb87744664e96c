// Every call that can fail, made to fail: retried, or one clear line and the right exit status; no product
// that is not whole; and the same command again ends well.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "faults/small_job.hpp"

namespace spectile::test {
namespace {

using testing::AnyOf;

class Calls : public testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(shim)) GTEST_SKIP() << "no fault shim in this build";
    }
    static SmallJob& job() {
        static SmallJob one;
        return one;
    }
    static SmallJob& compressed_job() {
        static SmallJob one(false);
        return one;
    }

    void disturb(SmallJob& job, const std::string& fault) {
        static int count = 0;
        const std::string name = "disturbed" + std::to_string(++count);
        auto command = job.command(name);
        command.insert(command.begin(), {"env", "LD_PRELOAD=" + shim, "SPECTILE_FAULT=" + fault,
                                         "SPECTILE_FAULT_IN=" + (job.folder / "")});
        const auto outcome = run(command);
        SCOPED_TRACE(fault + ": status " + std::to_string(outcome.status) + "\n" + outcome.err);
        // 65: a header that cannot be read is a scene that cannot be used; 78: so is a definition.
        EXPECT_THAT(outcome.status, AnyOf(0, 65, 66, 71, 73, 74, 76, 78));
        const bool there = std::filesystem::exists(job.folder / (name + "/bands.tif"));
        if (outcome.status == 0) {
            EXPECT_TRUE(job.is_right(name));
            ++undisturbed;
        } else {
            EXPECT_EQ(outcome.messages().size(), 1u);
            if (there) {
                EXPECT_EQ(text_of(job.folder / (name + "/bands.tif")),
                          text_of(job.folder / "straight/bands.tif"));
            }
            ++stopped;
        }
        const auto again = job.start(name);
        EXPECT_EQ(again.status, 0) << again.err;
        EXPECT_TRUE(job.is_right(name));
        std::filesystem::remove_all(job.folder / name);
    }

    const std::string shim = built("tests/fault_shim.so");
    int stopped = 0, undisturbed = 0;
};

TEST_P(Calls, EndInOneLineAndTheNextRunEndsWell) {
    const std::string kind = GetParam();
    for (const char* when : {"1", "2", "4", "9", "20+"}) disturb(job(), kind + ":" + when);
    for (const char* when : {"3", "12", "30+"}) disturb(compressed_job(), kind + ":" + when);
    EXPECT_GT(stopped, 0) << "no call of this kind was reached";
}

/// A read that hangs, as on a file server that went away: after a signal it is waited for --grace long, no
/// longer.
TEST(Stall, ASignalEndsTheRunWithinItsGraceAndTheNextRunGoesOn) {
    const std::string shim = built("tests/fault_shim.so");
    if (!std::filesystem::exists(shim)) GTEST_SKIP() << "no fault shim in this build";
    const SmallJob job;
    ASSERT_EQ(job.start("stalled", {"--shard", "1/2"}).status, 0);
    auto command = job.command("stalled", {"--grace", "1s"});
    const std::string mark = job.folder / "stall";
    command.insert(command.begin(), {"env", "LD_PRELOAD=" + shim, "SPECTILE_FAULT=stall:40+",
                                     "SPECTILE_FAULT_IN=scene.dat", "SPECTILE_FAULT_MARK=" + mark});
    const auto outcome = run(command, 50, {[&] { return std::filesystem::exists(mark); }, SIGTERM});
    EXPECT_EQ(outcome.status, 75) << outcome.err;
    EXPECT_LT(outcome.wall_s, 50);
    ASSERT_EQ(outcome.messages().size(), 1u) << outcome.err;
    EXPECT_THAT(outcome.messages()[0], testing::HasSubstr("--grace"));
    EXPECT_FALSE(std::filesystem::exists(job.folder / "stalled/bands.tif"));
    const auto again = job.start("stalled", {"--json"});
    ASSERT_EQ(again.status, 0) << again.err;
    EXPECT_GE(nlohmann::json::parse(again.out)["parts_reused"], 6);
    EXPECT_TRUE(job.is_right("stalled"));
}

INSTANTIATE_TEST_SUITE_P(Kinds, Calls,
                         testing::Values("open", "read", "short", "write", "full", "fsync", "rename", "close",
                                         "alloc"),
                         [](const auto& which) { return std::string(which.param); });

}  // namespace
}  // namespace spectile::test
