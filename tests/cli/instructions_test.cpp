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

/// The precision of the products and means over flips, which stand in the recipe as the level does.
class ArithmeticOfARun : public Instructions {
protected:
    void SetUp() override {
        Instructions::SetUp();
        ASSERT_EQ(run({built("tests/make_network"), folder / "mamba", "spectral_mamba_six_bands"}).status, 0);
        ASSERT_EQ(run({built("examples/simulate_scene"), folder / "many", "--size", "60x40"}).status, 0);
        gdal({"gdal_translate",
              "-q",
              "-b",
              "20",
              "-b",
              "40",
              "-b",
              "60",
              "-b",
              "80",
              "-b",
              "100",
              "-b",
              "120",
              "-ot",
              "Float32",
              "-scale",
              "0",
              "10000",
              "-1",
              "1",
              folder / "many.dat",
              folder / "six.tif"});
    }
    /// GDAL takes checksums of whole numbers.
    std::vector<int> fine_checksums(const std::string& map) {
        gdal({"gdal_translate", "-q", "-ot", "UInt32", "-scale", "0", "1", "0", "4000000000", map + ".p.tif",
              map + ".whole.tif"});
        return checksums(map + ".whole.tif");
    }
    Outcome predict(const std::string& verb, const std::string& scene, const std::string& model,
                    const std::string& map, const std::vector<std::string>& more) {
        std::vector<std::string> words = {verb,    folder / scene,
                                          "-m",    folder / model,
                                          "-o",    map,
                                          "--set", "products.probabilities={path: " + map + ".p.tif}"};
        words.insert(words.end(), more.begin(), more.end());
        return run_spectile(words);
    }
    Outcome classify(const std::string& map, const std::vector<std::string>& more) {
        return predict("classify", "six.tif", "mamba", map, more);
    }
    std::string recipe_of(const std::string& product) {
        return nlohmann::json::parse(text_of(product + ".spectile.json")).at("recipe");
    }
};

TEST_F(ArithmeticOfARun, Bfloat16ChangesProbabilitiesAndStandsInTheRecord) {
    const auto full = folder / "full.tif", low = folder / "low.tif", again = folder / "again.tif";
    ASSERT_EQ(classify(full, {}).status, 0);
    const auto outcome = classify(low, {"--set", "precision=bfloat16"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    ASSERT_EQ(
        classify(again, {"--set", "precision=bfloat16", "--threads", "1", "--set", "tiling.tile=24"}).status,
        0);
    EXPECT_THAT(text_of(low + ".spectile.json"), HasSubstr("bfloat16"));
    EXPECT_THAT(text_of(full + ".spectile.json"), testing::Not(HasSubstr("bfloat16")));
    EXPECT_NE(fine_checksums(full), fine_checksums(low));
    EXPECT_EQ(fine_checksums(again), fine_checksums(low)) << "threads and tiles change nothing";
}

TEST_F(ArithmeticOfARun, ATransformerGivesTheSameBytesOnAnyNumberOfThreads) {
    ASSERT_EQ(run({built("tests/make_network"), folder / "gpt", "spectral_gpt"}).status, 0);
    gdal({"gdal_translate", "-q", "-outsize", "200", "130", "-b", "2", "-b", "4", "-b", "6",
          folder / "six.tif", folder / "three.tif"});
    const auto segment = [&](const std::string& name, const std::vector<std::string>& more) {
        const auto outcome = predict("segment", "three.tif", "gpt", folder / name, more);
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        return fine_checksums(folder / name);
    };
    const std::string bfloat16 = "precision=bfloat16";
    const auto full = segment("full.tif", {"--threads", "1"});
    const auto low = segment("low.tif", {"--threads", "1", "--set", bfloat16});
    EXPECT_NE(low, full);
    EXPECT_EQ(low, segment("again.tif", {"--threads", "2", "--set", bfloat16}));
    EXPECT_NE(recipe_of(folder / "low.tif"), recipe_of(folder / "full.tif"));
    EXPECT_EQ(text_of(folder / "low.tif.p.tif"), text_of(folder / "again.tif.p.tif"));
    const auto job = folder.write("gpt.yaml",
                                  "spectile: 1\nscene: {path: three.tif}\nmodel: gpt\n"
                                  "products:\n  class_map: {path: planned.tif}\n");
    const auto plan = run_spectile({"plan", job, "--set", bfloat16});
    EXPECT_EQ(plan.status, 0) << plan.err;
}

TEST_F(ArithmeticOfARun, FlipsChangeProbabilitiesAndStandInTheRecordAndThePlan) {
    const auto once = folder / "once.tif", mean = folder / "mean.tif", again = folder / "again.tif";
    const std::string flips = "flips=true";
    ASSERT_EQ(classify(once, {}).status, 0);
    const auto outcome = classify(mean, {"--set", flips});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    ASSERT_EQ(classify(again, {"--set", flips, "--threads", "1", "--set", "tiling.tile=24"}).status, 0);
    EXPECT_NE(recipe_of(mean), recipe_of(once));
    EXPECT_NE(fine_checksums(mean), fine_checksums(once));
    EXPECT_EQ(fine_checksums(again), fine_checksums(mean)) << "threads and tiles change nothing";
    const auto plan = run_spectile({"plan", definition(), "--set", flips});
    ASSERT_EQ(plan.status, 0) << plan.err;
    EXPECT_THAT(plan.out, HasSubstr("flips: each tile is predicted 4 times"));
}

TEST_F(ArithmeticOfARun, Float16IsForDevices) {
    if (std::system("nvidia-smi >/dev/null 2>&1") == 0) GTEST_SKIP() << "this machine has a CUDA device";
    const auto outcome = classify(folder / "half.tif", {"--set", "precision=float16"});
    EXPECT_EQ(outcome.status, 78) << outcome.err;
    ASSERT_EQ(outcome.messages().size(), 1u) << outcome.err;
    EXPECT_THAT(outcome.messages()[0], testing::AllOf(HasSubstr("precision: float16 is for CUDA devices"),
                                                      HasSubstr("--device cuda")));
}

TEST_F(ArithmeticOfARun, ModelsThatCannotAreRefusedInOneLine) {
    const auto outcome = run_spectile({"plan", definition(), "--set", "precision=bfloat16"});
    EXPECT_EQ(outcome.status, 78) << outcome.err;
    ASSERT_EQ(outcome.messages().size(), 1u) << outcome.err;
    EXPECT_THAT(outcome.messages()[0],
                testing::AllOf(HasSubstr("precision"), HasSubstr("spectral_gpt and spectral_mamba"),
                               HasSubstr("identity")));
}

}  // namespace
}  // namespace spectile::test
