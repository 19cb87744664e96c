#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "cli/spawn.hpp"

// packaging/slurm/gpu.sbatch with stand-ins for spectile and scontrol: what it calls, and when it goes back
// into the queue.

namespace spectile::test {
namespace {

class SlurmTemplate : public testing::Test {
protected:
    /// A program in the folder that stands in for another.
    void stand_in(const std::string& name, const std::string& body) const {
        const auto path = folder.write(name, "#!/usr/bin/env bash\n" + body + "\n");
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    }
    /// The template as Slurm starts it; `variables` are its environment's.
    Outcome start(std::vector<std::string> variables, const std::vector<std::string>& arguments,
                  Interruption interruption = {}) const {
        variables.insert(variables.begin(), {"env", "SPECTILE=" + (folder / "spectile"),
                                             "PATH=" + (folder / "") + ":" + std::getenv("PATH")});
        variables.push_back(SPECTILE_SOURCE_DIR "/packaging/slurm/gpu.sbatch");
        variables.insert(variables.end(), arguments.begin(), arguments.end());
        return run(variables, 60, std::move(interruption));
    }
    const Folder folder;
};

TEST_F(SlurmTemplate, ATaskOfAnArrayTakesItsShardAndItsDevice) {
    stand_in("spectile", "echo \"$@\"");
    const auto outcome =
        start({"SLURM_ARRAY_TASK_ID=3", "SLURM_ARRAY_TASK_COUNT=8"}, {"run", "p.yaml", "--keep"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "run p.yaml --keep --device cuda --shard 3/8\n");
    EXPECT_EQ(start({}, {"merge", "p.yaml"}).out, "merge p.yaml\n");
}

TEST_F(SlurmTemplate, AnIncompleteRunGoesBackIntoTheQueueAndAFailedOneDoesNot) {
    stand_in("scontrol", "echo scontrol \"$@\"");
    stand_in("spectile", "exit 75");
    auto outcome = start({"SLURM_JOB_ID=42"}, {"run", "p.yaml"});
    EXPECT_EQ(outcome.status, 75);
    EXPECT_EQ(outcome.out, "scontrol requeue 42\n");
    stand_in("spectile", "exit 69");
    outcome = start({"SLURM_JOB_ID=42"}, {"run", "p.yaml"});
    EXPECT_EQ(outcome.status, 69);
    EXPECT_EQ(outcome.out, "");
}

TEST_F(SlurmTemplate, TheSignalBeforeTheTimeLimitReachesTheRun) {
    stand_in("scontrol", "echo scontrol \"$@\"");
    stand_in("spectile",
             "trap 'exit 75' USR1; touch '" + (folder / "started") + "'; while true; do sleep 0.1; done");
    const auto outcome = start({"SLURM_JOB_ID=42"}, {"run", "p.yaml"},
                               {[this] { return std::filesystem::exists(folder / "started"); }, SIGUSR1});
    EXPECT_EQ(outcome.status, 75) << outcome.err;
    EXPECT_EQ(outcome.out, "scontrol requeue 42\n");
}

}  // namespace
}  // namespace spectile::test
