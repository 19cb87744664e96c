// packaging/slurm/pretrain.sbatch on a real Slurm: a process on each of two nodes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>

#include "cli/a_pretraining.hpp"
#include "cli/interrupted_training.hpp"
#include "cluster/slurm_cluster.hpp"

namespace spectile::test {
namespace {

using testing::HasSubstr;

TEST(SlurmPretraining, OverTwoNodesIsSignalledRequeuedAndGivesTheBytesOfOneProcess) {
    if (const auto missing = SlurmCluster::missing(); !missing.empty()) GTEST_SKIP() << missing;
    const SlurmCluster cluster;
    if (!cluster.failure().empty()) GTEST_SKIP() << cluster.failure();
    const Folder& folder = cluster.folder;
    const auto definition = write_pretraining(folder, {.epochs = 40});
    const auto alone = train_straight(folder, definition, "alone");
    ASSERT_EQ(alone.status, 0) << alone.err;
    // The nodes' names are no addresses on this machine.
    const auto handed =
        run({"env", "SPECTILE=" + built("spectile"), "MASTER_ADDR=127.0.0.1", "sbatch", "--nodes=2",
             "--cpus-per-task=1", "--mem=0", "--time=10", "--output=" + folder / "log",
             SPECTILE_SOURCE_DIR "/packaging/slurm/pretrain.sbatch", definition, "--set",
             "vars.OUT=" + folder / "together", "--work", folder / "work"});
    ASSERT_EQ(handed.status, 0) << handed.err;
    bool signalled = false;
    ASSERT_TRUE(cluster.finish(300, [&] {
        if (signalled || !std::filesystem::exists(folder / "work/checkpoint.safetensors")) return;
        // What Slurm does before the time limit.
        signalled = run({"scancel", "--signal=USR1", "--name=spectile-pretrain"}).status == 0;
    })) << text_of(folder / "log");
    EXPECT_TRUE(signalled);
    EXPECT_THAT(text_of(folder / "log"), HasSubstr("pretraining stopped in stage"));
    expect_same_files(folder, "alone", "together", {"weights.safetensors", "losses.json", "model.yaml"});
    if (HasFailure()) std::cerr << text_of(folder / "log");
}

}  // namespace
}  // namespace spectile::test
