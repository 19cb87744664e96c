// One instruction level for all machines of a job: pinned, recorded, and held to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

using testing::HasSubstr;

class Instructions : public testing::Test {
protected:
    void SetUp() override {
#if !defined(__x86_64__)
        GTEST_SKIP() << "levels below the machine's own are tried on x86-64 only";
#endif
        folder.write("identity/model.yaml", "spectile: 1\narchitecture: identity\n");
        gdal({"gdal_create", "-q", "-outsize", "1100", "600", "-bands", "2", "-burn", "7", "-ot", "UInt16",
              folder / "scene.tif"});
    }
    std::string definition() {
        return folder.write("job.yaml",
                            "spectile: 1\nscene: {path: scene.tif}\nmodel: identity\n"
                            "tiling: {part: 512}\nproducts:\n  bands: {path: out.tif}\n");
    }
    const Folder folder;
};

TEST_F(Instructions, ThePinnedLevelStandsInTheRecord) {
    const auto outcome = run_spectile({"run", definition(), "--instructions", "sse4"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(text_of(folder / "out.tif.spectile.json"), HasSubstr("SSE4"));
}

TEST_F(Instructions, AShardAtAnotherLevelIsRefusedAndTheLevelsAreNamed) {
    ASSERT_EQ(run_spectile({"run", definition(), "--shard", "1/2", "--instructions=sse4"}).status, 0);
    const auto other = run_spectile({"run", definition(), "--shard", "2/2"});
    EXPECT_EQ(other.status, 69) << other.err;
    ASSERT_EQ(other.messages().size(), 1u) << other.err;
    EXPECT_THAT(other.messages()[0], testing::AllOf(HasSubstr("SSE4"), HasSubstr("--instructions")));
    ASSERT_EQ(run_spectile({"run", definition(), "--shard", "2/2", "--instructions", "sse4"}).status, 0);
    const auto merged = run_spectile({"merge", definition(), "--instructions", "sse4"});
    EXPECT_EQ(merged.status, 0) << merged.err;
    EXPECT_TRUE(std::filesystem::exists(folder / "out.tif"));
}

/// Nothing is finished yet, so only the work directory itself can tell.
TEST_F(Instructions, AShardAtAnotherLevelIsRefusedBeforeAnyPartIsFinished) {
    ASSERT_EQ(
        run_spectile({"run", definition(), "--shard", "1/2", "--statistics", "--instructions=sse4"}).status,
        0);
    ASSERT_TRUE(std::filesystem::exists(folder / ".out.tif.spectile/run.json"));
    EXPECT_EQ(run_spectile({"run", definition(), "--shard", "2/2"}).status, 69);
}

TEST_F(Instructions, AModelOfLibTorchRunsAtAPinnedLevel) {
    ASSERT_EQ(run({built("examples/simulate_scene"), folder / "many", "--size", "40x40"}).status, 0);
    const auto map = folder / "map.tif";
    const auto outcome =
        run_spectile({"classify", folder / "many.dat", "-m", SPECTILE_SOURCE_DIR "/models/enmap-landcover",
                      "-o", map, "--instructions", "sse4"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(text_of(map + ".spectile.json"), HasSubstr("SSE4"));
    // What `plan` is told of this machine is told of one level. The bench is too long for sanitizers.
    if (kSanitized) return;
    const auto bench = run_spectile({"bench", "spectral_mamba", "--json", "--instructions", "sse4"});
    ASSERT_EQ(bench.status, 0) << bench.err;
    EXPECT_EQ(nlohmann::json::parse(bench.out)["instructions"], "SSE4");
}

TEST_F(Instructions, AnUnknownLevelIsAUsageError) {
    const auto outcome = run_spectile({"run", definition(), "--instructions", "axv2"});
    EXPECT_EQ(outcome.status, 64) << outcome.err;
    ASSERT_EQ(outcome.messages().size(), 1u);
    EXPECT_THAT(outcome.messages()[0], HasSubstr("avx2"));
}

TEST_F(Instructions, ALevelThatTheMachineLacksIs69) {
    const auto outcome = run_spectile({"run", definition(), "--instructions", "neon"});
    EXPECT_EQ(outcome.status, 69) << outcome.err;
    EXPECT_EQ(outcome.messages().size(), 1u);
}

}  // namespace
}  // namespace spectile::test
