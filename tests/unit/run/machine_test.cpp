#include "run/machine.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "spectile/error.hpp"

namespace spectile::run {
namespace {

namespace fs = std::filesystem;

/// What a run that was given no budget takes of a grant, in bytes.
std::uint64_t of_grant(std::uint64_t bytes) {
    return static_cast<std::uint64_t>(0.85 * static_cast<double>(bytes));
}

/// A recorded tree of /proc and /sys/fs/cgroup.
class MachineTest : public testing::Test {
protected:
    void SetUp() override {
        root_ = (fs::temp_directory_path() / ("machine-test-" + std::to_string(::getpid()))).string();
        for (const char* name : {"SLURM_MEM_PER_NODE", "SLURM_MEM_PER_CPU", "SLURM_CPUS_PER_TASK"})
            ::unsetenv(name);
    }
    void TearDown() override {
        fs::remove_all(root_);
        SetUp();
    }
    void file(const std::string& path, const std::string& text) {
        fs::create_directories(fs::path(root_ + path).parent_path());
        std::ofstream(root_ + path) << text;
    }
    std::string root_;
};

TEST_F(MachineTest, TakesTheLeastLimitOfACgroupV2AndItsParents) {
    file("/proc/self/cgroup", "0::/system.slice/job_7/step\n");
    file("/sys/fs/cgroup/system.slice/job_7/step/memory.max", "max\n");
    file("/sys/fs/cgroup/system.slice/job_7/memory.max", "536870912\n");
    file("/sys/fs/cgroup/system.slice/memory.max", "8589934592\n");
    EXPECT_EQ(default_memory_budget(root_), of_grant(536870912));
}

TEST_F(MachineTest, TakesACgroupV1Limit) {
    file("/proc/self/cgroup", "5:cpu,cpuacct:/job\n4:memory:/job\n0::/\n");
    file("/sys/fs/cgroup/memory/job/memory.limit_in_bytes", "1073741824\n");
    EXPECT_EQ(default_memory_budget(root_), of_grant(1073741824));
}

TEST_F(MachineTest, ReadsCpuQuotas) {
    file("/proc/self/cgroup", "0::/job\n");
    file("/sys/fs/cgroup/job/cpu.max", "50000 100000\n");
    EXPECT_EQ(available_threads(root_), 1);
}

TEST_F(MachineTest, SlurmsGrantBinds) {
    ::setenv("SLURM_MEM_PER_CPU", "100", 1);
    ::setenv("SLURM_CPUS_PER_TASK", "1", 1);
    EXPECT_EQ(default_memory_budget(root_), of_grant(std::uint64_t{100} << 20));
    EXPECT_EQ(available_threads(root_), 1);
}

/// Folders of a node, and an environment without any batch system.
class ScratchFolderTest : public MachineTest {
protected:
    void SetUp() override {
        clear();
        MachineTest::SetUp();
        fs::create_directories(root_ + "/node");
    }
    void TearDown() override {
        clear();
        MachineTest::TearDown();
    }
    static void clear() {
        for (const char* name :
             {"SLURM_TMPDIR", "TMPDIR", "SLURM_JOB_ID", "PBS_JOBID", "JOB_COMPLETION_INDEX"})
            ::unsetenv(name);
    }
    std::string node() const { return root_ + "/node"; }
};

TEST_F(ScratchFolderTest, IsWhatTheSchedulerGivesATask) {
    EXPECT_EQ(scratch_folder(""), "");
    ::setenv("TMPDIR", node().c_str(), 1);
    EXPECT_EQ(scratch_folder(""), "") << "TMPDIR is no node's scratch outside a batch system";
    ::setenv("PBS_JOBID", "7", 1);
    EXPECT_EQ(scratch_folder(""), node());
    fs::create_directories(node() + "/slurm");
    ::setenv("SLURM_TMPDIR", (node() + "/slurm").c_str(), 1);
    EXPECT_EQ(scratch_folder(""), node() + "/slurm");
    EXPECT_EQ(scratch_folder(node() + "/own"), node() + "/own");
    EXPECT_TRUE(fs::is_directory(node() + "/own"));
}

TEST_F(ScratchFolderTest, ThatIsGoneIsDoneWithoutUnlessItWasAskedFor) {
    ::setenv("SLURM_TMPDIR", (node() + "/gone").c_str(), 1);
    EXPECT_EQ(scratch_folder(""), "");
    file("/plain", "");
    EXPECT_THROW(scratch_folder(root_ + "/plain/below"), Error);
}

TEST(ParseBytes, TakesTheUsualUnits) {
    EXPECT_EQ(parse_bytes("2GiB"), std::uint64_t{2} << 30);
    EXPECT_EQ(parse_bytes("512M"), std::uint64_t{512} << 20);
    EXPECT_EQ(parse_bytes("1.5G"), std::uint64_t{3} << 29);
    EXPECT_EQ(parse_bytes("1000"), 1000u);
    for (const char* bad : {"", "x", "2 Gigs", "-1", "0"}) EXPECT_THROW(parse_bytes(bad), Error) << bad;
}

}  // namespace
}  // namespace spectile::run
