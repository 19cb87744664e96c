// Files that change or vanish between runs, and disks that are full.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "faults/small_job.hpp"

namespace spectile::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Damage : public testing::Test {
protected:
    /// The first half of the job's parts, finished.
    void begin_half() { ASSERT_EQ(job.start("half", {"--shard", "1/2"}).status, 0); }

    std::string first_file(const std::string& folder, const std::string& start) const {
        std::vector<std::string> found;
        for (const auto& entry : fs::directory_iterator(folder))
            if (entry.path().filename().string().starts_with(start)) found.push_back(entry.path());
        std::sort(found.begin(), found.end());
        return found.empty() ? "" : found.front();
    }

    void flip_byte(const std::string& path, std::uintmax_t at) {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(static_cast<std::streamoff>(at));
        const char byte = static_cast<char>(file.get() ^ 0x20);
        file.seekp(static_cast<std::streamoff>(at));
        file.put(byte);
        ASSERT_TRUE(file.good());
    }

    /// Ends the job and says how many parts were taken over.
    int finish() {
        const auto outcome = job.start("half", {"--json"});
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        EXPECT_TRUE(job.is_right("half"));
        return outcome.status == 0 ? nlohmann::json::parse(outcome.out)["parts_reused"].get<int>() : -1;
    }

    const SmallJob job;
};

TEST_F(Damage, NothingDamagedIsTheYardstick) {
    begin_half();
    EXPECT_EQ(finish(), 6);
}

TEST_F(Damage, ADamagedPartIsComputedAgain) {
    begin_half();
    const auto part = first_file(job.work("half") + "/parts", "000002");
    flip_byte(part, fs::file_size(part) / 2);
    EXPECT_EQ(finish(), 5);
}

TEST_F(Damage, ALostPartIsComputedAgain) {
    begin_half();
    fs::remove(first_file(job.work("half") + "/parts", "000004"));
    EXPECT_EQ(finish(), 5);
}

TEST_F(Damage, ADamagedLedgerLineCostsItsPartOnly) {
    begin_half();
    flip_byte(first_file(job.work("half"), "ledger-"), 40);
    EXPECT_EQ(finish(), 5);
}

TEST_F(Damage, ATornLedgerCostsItsLastPartOnly) {
    begin_half();
    const auto ledger = first_file(job.work("half"), "ledger-");
    fs::resize_file(ledger, fs::file_size(ledger) - 10);
    EXPECT_EQ(finish(), 5);
}

TEST_F(Damage, AChangedSceneRefusesToGoOnAndIsNamed) {
    begin_half();
    flip_byte(job.scene, 1000);
    fs::last_write_time(job.scene, fs::last_write_time(job.scene) + std::chrono::seconds(5));
    const auto outcome = job.start("half");
    EXPECT_EQ(outcome.status, 78) << outcome.err;
    ASSERT_EQ(outcome.messages().size(), 1u);
    EXPECT_THAT(outcome.messages()[0], testing::AllOf(HasSubstr("inputs"), HasSubstr("--restart")));
}

TEST_F(Damage, AChangedModelRefusesToGoOnAndIsNamed) {
    begin_half();
    job.folder.write("identity/model.yaml", "spectile: 1\narchitecture: identity\nhalo: 3\n");
    const auto outcome = job.start("half");
    EXPECT_EQ(outcome.status, 78) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("model"));
}

TEST_F(Damage, AChangedDefinitionRefusesToGoOnAndIsNamed) {
    begin_half();
    const auto outcome = job.start("half", {"--set", "tiling.tile=128"});
    EXPECT_EQ(outcome.status, 78) << outcome.err;
    ASSERT_EQ(outcome.messages().size(), 1u);
    EXPECT_THAT(outcome.messages()[0], HasSubstr("changed: tiles;"));
}

TEST_F(Damage, AnotherVersionRefusesToGoOnAndIsNamed) {
    begin_half();
    const auto file = job.work("half") + "/run.json";
    auto written = nlohmann::json::parse(text_of(file));
    written.at("spectile") = "0.0.1";  // As a run of an older spectile leaves it.
    std::ofstream(file) << written.dump(1) << "\n";
    const auto outcome = job.start("half");
    EXPECT_EQ(outcome.status, 78) << outcome.err;
    ASSERT_EQ(outcome.messages().size(), 1u);
    EXPECT_THAT(outcome.messages()[0], HasSubstr("changed: spectile;"));
    const auto anew = job.start("half", {"--restart"});
    EXPECT_EQ(anew.status, 0) << anew.err;
    EXPECT_TRUE(job.is_right("half"));
}

TEST_F(Damage, ACutSceneIsBadData) {
    fs::resize_file(job.scene, fs::file_size(job.scene) - 1);
    const auto outcome = job.start("half");
    EXPECT_EQ(outcome.status, 65) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("cut short"));
    EXPECT_FALSE(fs::exists(job.folder / "half/bands.tif"));
}

TEST_F(Damage, AWorkDirectoryThatVanishesIsOneLine) {
    auto command = job.command("half");
    const auto outcome = run(command, 120,
                             {[&] {
                                  std::error_code ignored;
                                  if (!fs::exists(job.work("half") + "/parts/000003.bands.tif")) return false;
                                  fs::remove_all(job.work("half"), ignored);
                                  return true;
                              },
                              SIGCONT});
    EXPECT_THAT(outcome.status, testing::AnyOf(73, 74)) << outcome.err;
    EXPECT_EQ(outcome.messages().size(), 1u) << outcome.err;
    EXPECT_FALSE(fs::exists(job.folder / "half/bands.tif"));
    EXPECT_EQ(finish(), 0);
}

TEST_F(Damage, AFolderThatMayNotBeWrittenIs77) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
    fs::create_directories(job.folder / "half");
    fs::permissions(job.folder / "half", fs::perms::owner_read | fs::perms::owner_exec);
    const auto outcome = job.start("half");
    fs::permissions(job.folder / "half", fs::perms::owner_all);
    EXPECT_EQ(outcome.status, 77) << outcome.err;
    EXPECT_EQ(outcome.messages().size(), 1u);
}

/// A file system of its own that is too small; needs the right to mount one.
TEST_F(Damage, AFullDiskIsOneLineAndNothingFinishedIsLost) {
    const std::string disk = job.folder / "half";
    fs::create_directories(disk);
    if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=3m") != 0)
        GTEST_SKIP() << "not allowed to mount a small file system";
    const auto outcome = job.start("half");
    EXPECT_THAT(outcome.status, testing::AnyOf(71, 74)) << outcome.err;
    EXPECT_EQ(outcome.messages().size(), 1u) << outcome.err;
    EXPECT_FALSE(fs::exists(job.folder / "half/bands.tif"));
    ::mount("tmpfs", disk.c_str(), "tmpfs", MS_REMOUNT, "size=200m");
    finish();
    ::umount(disk.c_str());
}

}  // namespace
}  // namespace spectile::test
