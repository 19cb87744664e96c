// What `submit` writes, with stand-ins for the scheduler's programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "faults/small_job.hpp"

namespace spectile::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Submit : public testing::Test {
protected:
    Outcome submit(std::vector<std::string> more) const {
        auto command = job.command("sub");
        command[1] = "submit";
        command.insert(command.end(), {"--shards", "4", "--jobs", job.folder / "jobs"});
        command.insert(command.end(), more.begin(), more.end());
        command.insert(command.begin(), {"env", "PATH=" + (job.folder / "") + ":" + std::getenv("PATH")});
        return run(command);
    }
    /// A program that stands in for another.
    std::string stand_in(const std::string& name, const std::string& body) const {
        const auto path = job.folder.write(name, "#!/usr/bin/env bash\n" + body + "\n");
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        return path;
    }
    std::string site(const std::string& more = "") const {
        return job.folder.write("site.yaml", "spectile: 1\nprogram: " + built("spectile") + "\n" + more);
    }
    /// A script as Slurm starts it.
    Outcome script(const std::string& name, std::vector<std::string> variables,
                   Interruption interruption = {}) const {
        variables.insert(variables.begin(), {"env", "PATH=" + (job.folder / "") + ":" + std::getenv("PATH")});
        variables.push_back(job.folder / ("jobs/" + name));
        return run(variables, 120, std::move(interruption));
    }
    const SmallJob job;
};

TEST_F(Submit, WritesScriptsThatRunAsTheyAre) {
    const auto outcome = submit({"--to", "slurm", "--site", site(), "--json"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto document = json::parse(outcome.out);
    EXPECT_EQ(document["files"].size(), 4u) << outcome.out;
    for (const char* shard : {"1", "2", "3"}) {
        const auto task = script("shards.sbatch", {std::string("SLURM_ARRAY_TASK_ID=") + shard});
        EXPECT_EQ(task.status, 0) << task.err;
    }
    const auto early = script("merge.sbatch", {});
    EXPECT_EQ(early.status, 75);
    EXPECT_THAT(early.out, HasSubstr("submit.sh '4'"));
    EXPECT_EQ(script("shards.sbatch", {"SLURM_ARRAY_TASK_ID=4"}).status, 0);
    EXPECT_EQ(script("merge.sbatch", {}).status, 0);
    EXPECT_TRUE(job.is_right("sub"));
    // What plan --missing prints now: no reason to hand all shards over again.
    const auto nothing = run({job.folder / "jobs/submit.sh", ""});
    EXPECT_EQ(nothing.status, 0);
    EXPECT_THAT(nothing.err, HasSubstr("no shard is missing"));
}

TEST_F(Submit, HandsOverInOrderWithNow) {
    stand_in("sbatch", "echo \"$@\" >> '" + (job.folder / "calls") + "'\necho 4$(wc -l < '" +
                           (job.folder / "calls") + "')");
    const auto outcome = submit({"--to", "slurm", "--site", site("throttle: 2\n"), "--now", "--set",
                                 "prepare=[{standardise: {from: scene}}]"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("merge: job 43"));
    const std::string folder = job.folder / "jobs";
    EXPECT_EQ(text_of(job.folder / "calls"),
              "--parsable " + folder +
                  "/statistics.sbatch\n--parsable --array=1-4%2 --dependency=afterok:41 "
                  "--kill-on-invalid-dep=yes " +
                  folder + "/shards.sbatch\n--parsable --dependency=afterany:42 " + folder +
                  "/merge.sbatch\n");
    EXPECT_THAT(text_of(folder + "/shards.sbatch"),
                HasSubstr("'--set=prepare=[{standardise: {from: scene}}]'"));
}

TEST_F(Submit, SaysWhatTheSchedulerSaidWhereItRefuses) {
    stand_in("sbatch", "echo 'sbatch: error: invalid partition specified: x' >&2; exit 1");
    const auto outcome = submit({"--to", "slurm", "--site", site("partition: x\n"), "--now"});
    EXPECT_EQ(outcome.status, 69);
    EXPECT_THAT(outcome.messages(), testing::ElementsAre(HasSubstr("invalid partition specified: x")));
}

TEST_F(Submit, AnInterruptedTaskGoesBackIntoTheQueueAndAFailedOneDoesNot) {
    const auto program = stand_in("program", "exit 75");
    job.folder.write("site.yaml", "spectile: 1\nprogram: " + program + "\n");
    stand_in("scontrol", "echo scontrol \"$@\"");
    ASSERT_EQ(submit({"--to", "slurm", "--site", job.folder / "site.yaml"}).status, 0);
    auto task = script("shards.sbatch", {"SLURM_JOB_ID=42", "SLURM_ARRAY_TASK_ID=1"});
    EXPECT_EQ(task.status, 75);
    EXPECT_EQ(task.out, "scontrol requeue 42\n");
    stand_in("program", "exit 65");
    task = script("shards.sbatch", {"SLURM_JOB_ID=42", "SLURM_ARRAY_TASK_ID=1"});
    EXPECT_EQ(task.status, 65);
    EXPECT_EQ(task.out, "");
    stand_in("program", "exit 74");
    EXPECT_EQ(script("shards.sbatch", {"SLURM_JOB_ID=42", "SLURM_RESTART_COUNT=2"}).out,
              "scontrol requeue 42\n");
    EXPECT_EQ(script("shards.sbatch", {"SLURM_JOB_ID=42", "SLURM_RESTART_COUNT=3"}).out, "");
}

TEST_F(Submit, TheSignalBeforeTheTimeLimitReachesTheRun) {
    const auto program = stand_in("program", "trap 'exit 75' USR1; touch '" + (job.folder / "started") +
                                                 "'; while true; do sleep 0.1; done");
    job.folder.write("site.yaml", "spectile: 1\nprogram: " + program + "\n");
    stand_in("scontrol", "echo scontrol \"$@\"");
    ASSERT_EQ(submit({"--to", "slurm", "--site", job.folder / "site.yaml"}).status, 0);
    const auto task = script("shards.sbatch", {"SLURM_JOB_ID=42"},
                             {[this] { return std::filesystem::exists(job.folder / "started"); }, SIGUSR1});
    EXPECT_EQ(task.status, 75) << task.err;
    EXPECT_EQ(task.out, "scontrol requeue 42\n");
}

TEST_F(Submit, KubernetesNeedsASiteFile) {
    const auto outcome = submit({"--to", "kubernetes"});
    EXPECT_EQ(outcome.status, 78);
    EXPECT_THAT(outcome.err, HasSubstr("container, claim and mount"));
    const auto whole = submit(
        {"--to", "kubernetes", "--site", site("container: registry/spectile:0.1\nclaim: data\nmount: /\n")});
    EXPECT_EQ(whole.status, 0) << whole.err;
    EXPECT_THAT(text_of(job.folder / "jobs/shards.yaml"), HasSubstr("completions: 4\n"));
}

TEST_F(Submit, AnUnknownSchedulerIsRefused) { EXPECT_EQ(submit({"--to", "pbs"}).status, 64); }

}  // namespace
}  // namespace spectile::test
