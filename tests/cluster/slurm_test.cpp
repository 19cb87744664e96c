// Against a real Slurm: what came of the shards is the local run's map, whatever happened on the way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cluster/slurm_cluster.hpp"

namespace spectile::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr double kPatience_s = 300;

class Slurm : public testing::Test {
protected:
    /// A scene of two parts of 512 x 512, and the map of a local run.
    void SetUp() override {
        if (const auto missing = SlurmCluster::missing(); !missing.empty()) GTEST_SKIP() << missing;
        cluster = std::make_unique<SlurmCluster>();
        if (!cluster->failure().empty()) GTEST_SKIP() << cluster->failure();
        const Folder& folder = cluster->folder;
        ASSERT_EQ(run({built("examples/simulate_scene"), folder / "scene", "--size", "1024x512"}).status, 0);
        const auto local = run_spectile({"run", cluster->pipeline("local", "scene.dat")}, 600);
        ASSERT_EQ(local.status, 0) << local.err;
    }
    void submit(const std::string& name, int shards, const std::string& site = "") {
        cluster->pipeline(name, "scene.dat");
        const auto outcome = cluster->submit(name, shards, site);
        ASSERT_EQ(outcome.status, 0) << outcome.err;
    }
    void expect_the_local_map(const std::string& name) {
        EXPECT_TRUE(same_product(cluster->folder, "local", name)) << cluster->log(name, "merge");
        EXPECT_FALSE(std::filesystem::exists(cluster->work(name)));
    }
    /// A program that does `line` before it becomes spectile, as a site file's line.
    std::string site_with(const std::string& line) {
        const auto path = cluster->folder.write(
            "program", "#!/usr/bin/env bash\n" + line + "\nexec " + built("spectile") + " \"$@\"\n");
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        return "program: " + path + "\n";
    }
    std::unique_ptr<SlurmCluster> cluster;
};

TEST_F(Slurm, TwoRunsSideBySideInOneFolderGiveTheLocalRunsBytes) {
    submit("one", 2);
    submit("two", 1);
    ASSERT_TRUE(cluster->finish(kPatience_s));
    expect_the_local_map("one");
    expect_the_local_map("two");
}

TEST_F(Slurm, AKilledNodesShardIsRequeuedAndTheBytesAreTheSame) {
    submit("map", 1);
    std::string killed;
    ASSERT_TRUE(cluster->finish(kPatience_s, [&] {
        const auto nodes = cluster->nodes_of("map");
        if (!killed.empty() || nodes.empty() || cluster->parts_done("map") == 0) return;
        killed = nodes.front();
        cluster->kill_node(killed);
        // What Slurm finds out by itself after SlurmdTimeout.
        run({"scontrol", "update", "NodeName=" + killed, "State=DOWN", "Reason=killed"});
    }));
    EXPECT_FALSE(killed.empty());
    expect_the_local_map("map");
}

TEST_F(Slurm, AShardThatAlwaysFailsLeavesTheMergeRefusingWithItsName) {
    // Without a device a run fails for good (69).
    submit("map", 2, site_with("[ \"${SLURM_ARRAY_TASK_ID:-}\" = 2 ] && set -- \"$@\" --device cuda"));
    ASSERT_TRUE(cluster->finish(kPatience_s));
    EXPECT_FALSE(std::filesystem::exists(cluster->folder / "map.tif"));
    EXPECT_THAT(cluster->log("map", "merge"),
                AllOf(HasSubstr("1 of 2 parts are missing, of shard 2;"), HasSubstr("submit.sh '2'")));
    EXPECT_THAT(cluster->log("map", "shard-2"), HasSubstr("--device cuda"));
    // Repaired, and that shard alone is handed over again.
    site_with("");
    ASSERT_EQ(run({cluster->folder / "map.jobs/submit.sh", "2"}).status, 0);
    ASSERT_TRUE(cluster->finish(kPatience_s));
    expect_the_local_map("map");
}

/// scene.vrt: 4096 x 4096 pixels, of which a simulated swath of 1024 x 1024 pieces that runs across holds
/// measurements, as a satellite's does in its frame.
void lay_out_swath(const Folder& folder) {
    ASSERT_EQ(run({built("examples/simulate_scene"), folder / "piece", "--size", "1024x1024"}, 600).status,
              0);
    ASSERT_EQ(run({"gdal_translate", "-q", "-of", "VRT", folder / "piece.dat", folder / "piece.vrt"}).status,
              0);
    const std::string piece = text_of(folder / "piece.vrt"), begin = "<SimpleSource>",
                      end = "</SimpleSource>", place = "<DstRect xOff=\"0\" yOff=\"0\"";
    std::string scene;
    std::size_t copied = 0;
    for (auto at = piece.find(begin); at != std::string::npos; at = piece.find(begin, copied)) {
        const auto past = piece.find(end, at) + end.size();
        scene += piece.substr(copied, at - copied);
        for (const auto& [col, row] : {std::pair{0, 0}, {1, 1}, {2, 2}, {3, 3}}) {
            std::string source = piece.substr(at, past - at);
            const auto found = source.find(place);
            ASSERT_NE(found, std::string::npos);
            source.replace(found, place.size(),
                           "<DstRect xOff=\"" + std::to_string(1024 * col) + "\" yOff=\"" +
                               std::to_string(1024 * row) + "\"");
            scene += source;
        }
        copied = past;
    }
    scene += piece.substr(copied);
    const std::string size = "rasterXSize=\"1024\" rasterYSize=\"1024\"";
    ASSERT_NE(scene.find(size), std::string::npos);
    scene.replace(scene.find(size), size.size(), "rasterXSize=\"4096\" rasterYSize=\"4096\"");
    folder.write("scene.vrt", scene);
}

TEST_F(Slurm, SixteenShardsOf4096x4096GiveTheLocalRunsBytesWithANodeKilled) {
    lay_out_swath(cluster->folder);
    const std::string scene = "scene.vrt, scale: 0.0001";
    const auto local = run_spectile({"run", cluster->pipeline("whole", scene)}, 1500);
    ASSERT_EQ(local.status, 0) << local.err;
    cluster->pipeline("map", scene);
    ASSERT_EQ(cluster->submit("map", 16).status, 0);
    bool killed = false;
    // Slurm itself finds the node gone, after SlurmdTimeout, and queues its tasks again.
    ASSERT_TRUE(cluster->finish(1500, [&] {
        const auto nodes = cluster->nodes_of("map");
        if (killed || nodes.empty() || cluster->parts_done("map") < 8) return;
        cluster->kill_node(nodes.front());
        killed = true;
    }));
    EXPECT_TRUE(killed);
    EXPECT_TRUE(same_product(cluster->folder, "whole", "map")) << cluster->log("map", "merge");
    const auto map = nlohmann::json::parse(run({"gdalinfo", "-json", cluster->folder / "map.tif"}).out);
    EXPECT_EQ(map["size"], (nlohmann::json{4096, 4096}));
}

TEST_F(Slurm, StatisticsOfTheWholeSceneComeFirst) {
    const std::string identity = cluster->folder / "identity";
    cluster->folder.write("identity/model.yaml", "spectile: 1\narchitecture: identity\n");
    const std::string steps = "--set=prepare=[{standardise: {from: scene}}]";
    ASSERT_EQ(run_spectile({"run", cluster->pipeline("straight", "scene.dat", identity), steps}).status, 0);
    cluster->pipeline("shared", "scene.dat", identity);
    ASSERT_EQ(cluster->submit("shared", 2, "", {steps}).status, 0);
    ASSERT_TRUE(cluster->finish(kPatience_s));
    EXPECT_TRUE(same_product(cluster->folder, "straight", "shared")) << cluster->log("shared", "merge");
    EXPECT_THAT(cluster->log("shared", "statistics"), Not(HasSubstr("rror")));
}

TEST_F(Slurm, SeveralScenesAreSharedOutAndMergedEach) {
    const Folder& folder = cluster->folder;
    std::filesystem::create_directories(folder / "inbox");
    for (const std::string band : {"10", "60", "110"})
        run({"gdal_translate", "-q", "-b", band, folder / "scene.dat", folder / ("inbox/" + band + ".tif")});
    folder.write("identity/model.yaml", "spectile: 1\narchitecture: identity\n");
    const auto define = [&](const std::string& name) {
        folder.write(name + ".yaml",
                     "spectile: 1\nscenes: inbox/*.tif\nmodel: identity\ntiling: {part: 512}\n"
                     "products:\n  bands: {path: '" +
                         name + "/{stem}.tif'}\n");
    };
    define("straight");
    ASSERT_EQ(run_spectile({"run", folder / "straight.yaml"}).status, 0);
    // Whole scenes by two tasks; parts of scenes by six.
    for (const auto& [name, shards] : {std::pair{"few", 2}, {"many", 6}}) {
        define(name);
        ASSERT_EQ(cluster->submit(name, shards).status, 0);
        ASSERT_TRUE(cluster->finish(kPatience_s));
        for (const std::string band : {"10", "60", "110"})
            EXPECT_TRUE(same_product(folder, "straight/" + band, name + std::string("/") + band))
                << cluster->log(name, "merge");
    }
}

TEST_F(Slurm, AShardThatIsSignalledGoesBackIntoTheQueueAndGoesOn) {
    submit("map", 1);
    bool signalled = false;
    ASSERT_TRUE(cluster->finish(kPatience_s, [&] {
        if (signalled || cluster->parts_done("map") == 0) return;
        // What Slurm does before the time limit: the signal goes to the batch shell alone.
        signalled = run({"scancel", "--batch", "--signal=USR1", "--name=map-shards"}).status == 0;
    }));
    EXPECT_TRUE(signalled);
    EXPECT_THAT(cluster->log("map", "shard-1"),
                AllOf(HasSubstr("parts to go; run the same command again"), HasSubstr("from before)")));
    EXPECT_THAT(cluster->log("map", "merge"), Not(HasSubstr("missing")));
    expect_the_local_map("map");
}

TEST_F(Slurm, ATimeLimitIsSignalledRequeuedAndResumed) {
    ASSERT_EQ(
        run({built("examples/simulate_scene"), cluster->folder / "large", "--size", "1024x1024"}).status, 0);
    ASSERT_EQ(run_spectile({"run", cluster->pipeline("whole", "large.dat")}, 600).status, 0);
    cluster->pipeline("map", "large.dat");
    // Slurm looks at limits every 30 s: the signal comes 45 to 75 s after the start. The run is held up for
    // 25 s after each part, so that one attempt is not enough for four on any machine, and is for one on
    // most.
    const auto path = cluster->folder.write(
        "program", "#!/usr/bin/env bash\nparts() { ls '" + cluster->work("map") +
                       "'/parts/*.tif 2>/dev/null | wc -l; }\nseen=$(parts)\nsignalled=\n\"" +
                       built("spectile") +
                       "\" \"$@\" &\nchild=$!\n"
                       "trap 'signalled=1; kill -CONT $child; kill -USR1 $child' USR1 TERM\n"
                       "while kill -0 $child 2>/dev/null; do\n  now=$(parts)\n"
                       "  if [ \"$now\" -gt \"$seen\" ]; then\n    seen=$now\n    kill -STOP $child\n"
                       "    for i in $(seq 250); do [ -z \"$signalled\" ] || break; sleep 0.1; done\n"
                       "    kill -CONT $child\n  fi\n  sleep 0.1\ndone\nwait $child\n");
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    ASSERT_EQ(
        cluster->submit("map", 1, "program: " + path + "\noptions: [--time=00:02:00, '--signal=B:USR1@45']\n")
            .status,
        0);
    ASSERT_TRUE(cluster->finish(1500));
    EXPECT_THAT(cluster->log("map", "shard-1"), HasSubstr("parts to go; run the same command again"));
    EXPECT_TRUE(same_product(cluster->folder, "whole", "map")) << cluster->log("map", "merge");
}

}  // namespace
}  // namespace spectile::test
