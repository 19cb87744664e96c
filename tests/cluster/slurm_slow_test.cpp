// The same on a scene of a whole satellite frame's size, and with a time limit that is really reached.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

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
    double local_map(const std::string& size) {
        EXPECT_EQ(
            run({built("examples/simulate_scene"), cluster->folder / "scene", "--size", size}, 2400).status,
            0);
        const auto local = run_spectile({"run", cluster->pipeline("local", "scene.dat")}, 2400);
        EXPECT_EQ(local.status, 0) << local.err;
        return local.cpu_s;
    }
    std::unique_ptr<SlurmCluster> cluster;
};

TEST_F(SlowSlurm, SixteenShardsOf4096x4096GiveTheLocalRunsBytesWithANodeKilled) {
    const double local_s = local_map("4096x4096");
    cluster->pipeline("map", "scene.dat");
    ASSERT_EQ(cluster->submit("map", 16).status, 0);
    bool killed = false;
    // Slurm itself finds the node gone, after SlurmdTimeout, and queues its tasks again.
    ASSERT_TRUE(cluster->finish(3600, [&] {
        const auto nodes = cluster->nodes_of("map");
        if (killed || nodes.empty() || cluster->parts_done("map") < 8) return;
        cluster->kill_node(nodes.front());
        killed = true;
    }));
    EXPECT_TRUE(killed);
    EXPECT_TRUE(same_product(cluster->folder, "local", "map")) << cluster->log("map", "merge");
    RecordProperty("local_cpu_s", std::to_string(local_s));
}

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
