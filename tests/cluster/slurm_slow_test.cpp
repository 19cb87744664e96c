// With a time limit that is really reached: Slurm looks at them twice a minute.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "cluster/slurm_cluster.hpp"

namespace spectile::test {
namespace {

using testing::HasSubstr;

class SlowSlurm : public testing::Test {
protected:
    void SetUp() override {
        if (const auto missing = SlurmCluster::missing(); !missing.empty()) GTEST_SKIP() << missing;
        cluster = std::make_unique<SlurmCluster>();
        if (!cluster->failure().empty()) GTEST_SKIP() << cluster->failure();
    }
    /// The scene, and the map of a local run.
    void local_map(const std::string& size) {
        ASSERT_EQ(
            run({built("examples/simulate_scene"), cluster->folder / "scene", "--size", size}, 2400).status,
            0);
        const auto local = run_spectile({"run", cluster->pipeline("local", "scene.dat")}, 2400);
        ASSERT_EQ(local.status, 0) << local.err;
    }
    std::unique_ptr<SlurmCluster> cluster;
};

TEST_F(SlowSlurm, ATimeLimitIsSignalledRequeuedAndResumed) {
    local_map("2048x2048");
    cluster->pipeline("map", "scene.dat");
    // Slurm looks at limits every 30 s: the signal comes 45 to 75 s after the start. Each tile waits a
    // little, so that one attempt is not enough on any machine.
    const auto path = cluster->folder.write(
        "program", "#!/usr/bin/env bash\n\"" + built("spectile") +
                       "\" \"$@\" &\nchild=$!\ntrap 'kill -CONT $child; kill -USR1 $child' USR1 TERM\n"
                       "while kill -0 $child 2>/dev/null; do\n  sleep 0.2; kill -STOP $child 2>/dev/null\n"
                       "  sleep 0.6; kill -CONT $child 2>/dev/null\ndone\nwait $child\n");
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    ASSERT_EQ(
        cluster->submit("map", 1, "program: " + path + "\noptions: [--time=00:02:00, '--signal=B:USR1@45']\n")
            .status,
        0);
    ASSERT_TRUE(cluster->finish(3600));
    EXPECT_THAT(cluster->log("map", "shard-1"), HasSubstr("parts to go; run the same command again"));
    EXPECT_TRUE(same_product(cluster->folder, "local", "map")) << cluster->log("map", "merge");
}

}  // namespace
}  // namespace spectile::test
