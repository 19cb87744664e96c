// Killed at any moment, the same command goes on: the straight run's bytes, and no finished part computed
// twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "faults/small_job.hpp"

namespace spectile::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kParts = 12;

/// Whole lines in the journals of finished parts.
int parts_finished(const std::string& work) {
    int lines = 0;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(work, ignored)) {
        const auto name = entry.path().filename().string();
        if (!name.starts_with("ledger-")) continue;
        const auto text = text_of(entry.path());
        lines += static_cast<int>(std::count(text.begin(), text.end(), '\n'));
    }
    return lines;
}

TEST(Kill, AtRandomMomentsLosesNothingThatWasFinished) {
    const SmallJob job;
    const double whole_s = job.start("timed").wall_s;
    std::mt19937 random(20261122);
    int killed = 0;
    for (int i = 0; i < SPECTILE_KILLS; ++i) {
        const std::string name = "killed" + std::to_string(i);
        const double at_s = std::uniform_real_distribution<>(0, whole_s)(random);
        const auto begin = Clock::now();
        const auto outcome =
            run(job.command(name), 120,
                {[&] { return Clock::now() - begin > std::chrono::duration<double>(at_s); }, SIGKILL});
        SCOPED_TRACE("killed after " + std::to_string(at_s) + " s of " + std::to_string(whole_s));
        killed += outcome.status == 128 + SIGKILL ? 1 : 0;
        if (std::filesystem::exists(job.folder / (name + "/bands.tif"))) {
            EXPECT_EQ(text_of(job.folder / (name + "/bands.tif")),
                      text_of(job.folder / "straight/bands.tif"));
        }
        const int finished = parts_finished(job.work(name));
        const auto again = job.start(name, {"--json"});
        ASSERT_EQ(again.status, 0) << again.err;
        EXPECT_TRUE(job.is_right(name));
        const auto report = nlohmann::json::parse(again.out);
        if (!report["already_done"].get<bool>()) {
            EXPECT_EQ(report["parts_reused"].get<int>(), finished);
            EXPECT_EQ(report["parts"].get<int>(), kParts - finished);
        }
        EXPECT_FALSE(std::filesystem::exists(job.work(name)));
        std::filesystem::remove_all(job.folder / name);
    }
    EXPECT_GT(killed, SPECTILE_KILLS / 3) << "most runs ended before they were killed";
}

TEST(Kill, TwoRunsOfOneJobAtOnceDoNoHarm) {
    const SmallJob job;
    for (int i = 0; i < 3; ++i) {
        const std::string name = "twice" + std::to_string(i);
        const auto command = job.command(name);
        Outcome first, second;
        std::thread other([&] { second = run(command); });
        first = run(command);
        other.join();
        EXPECT_EQ(first.status, 0) << first.err;
        EXPECT_EQ(second.status, 0) << second.err;
        EXPECT_TRUE(job.is_right(name));
    }
}

TEST(Kill, TwoAttemptsAtOneShardAtOnceDoNoHarm) {
    const SmallJob job;
    const auto command = job.command("shards", {"--shard", "1/2"});
    Outcome first, second;
    std::thread other([&] { second = run(command); });
    first = run(command);
    other.join();
    EXPECT_EQ(first.status, 0) << first.err;
    EXPECT_EQ(second.status, 0) << second.err;
    EXPECT_EQ(job.start("shards", {"--shard", "2/2"}).status, 0);
    const auto rest = job.start("shards", {"--json"});
    EXPECT_EQ(nlohmann::json::parse(rest.out)["parts"], 0) << "nothing is computed again";
    EXPECT_TRUE(job.is_right("shards"));
}

}  // namespace
}  // namespace spectile::test
