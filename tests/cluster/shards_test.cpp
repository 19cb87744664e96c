// A run shared out by a manifest: any form of --shard, in any order, gives the straight run's bytes, and
// merge publishes nothing before every part is there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/raster_text.hpp"
#include "faults/small_job.hpp"

namespace spectile::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

constexpr int kParts = 12;

/// Twelve parts in four shards.
class Shards : public testing::Test {
protected:
    Shards() { EXPECT_EQ(plan({"--shards", "4"}).status, 0); }

    /// `spectile VERB` on the job's pipeline with the manifest, in an environment of `variables`.
    Outcome start(const std::string& verb, std::vector<std::string> more = {},
                  std::vector<std::string> variables = {}) const {
        auto command = job.command("shared");
        command[1] = verb;
        command.insert(command.end(), {"--manifest", manifest});
        command.insert(command.end(), more.begin(), more.end());
        variables.insert(variables.begin(), "env");
        variables.insert(variables.end(), command.begin(), command.end());
        return run(variables);
    }
    Outcome plan(std::vector<std::string> more) const { return start("plan", std::move(more)); }
    void compute(const std::string& shard, std::vector<std::string> variables = {}) const {
        const auto outcome = start("run", {"--shard", shard}, std::move(variables));
        ASSERT_EQ(outcome.status, 0) << outcome.err;
    }
    void publish() const {
        const auto outcome = start("merge", {"--json"});
        ASSERT_EQ(outcome.status, 0) << outcome.err;
        EXPECT_EQ(json::parse(outcome.out)["parts"], 0) << "merge computes nothing";
        EXPECT_TRUE(job.is_right("shared"));
    }

    const SmallJob job;
    const std::string manifest = job.folder / "manifest.json";
};

TEST_F(Shards, SameInputsGiveTheManifestsBytes) {
    const std::string first = text_of(manifest);
    std::filesystem::remove(manifest);
    ASSERT_EQ(plan({"--shards", "4"}).status, 0);
    EXPECT_EQ(text_of(manifest), first);
    const auto root = json::parse(first);
    EXPECT_EQ(root["parts"]["count"], kParts);
    EXPECT_EQ(root["parts"]["balanced_by"], "sample");
    EXPECT_EQ(root["inputs"].size(), 2u);
    EXPECT_EQ(root["shards"].size(), 4u);
    EXPECT_GT(root["each_shard"]["memory_bytes"], 0);
    std::int64_t pixels = 0;
    for (const auto& shard : root["shards"]) pixels += shard["valid_pixels"].get<std::int64_t>();
    EXPECT_EQ(pixels, 2000 * 1500);
}

TEST_F(Shards, EveryFormOfShardGivesTheStraightRunsBytes) {
    compute("4/4");
    compute("1,3");
    compute("auto", {"SLURM_ARRAY_TASK_ID=2", "SLURM_ARRAY_TASK_COUNT=1"});
    publish();
    compute("auto", {"JOB_COMPLETION_INDEX=0"});  // After the publish: nothing to do, and no harm.
    EXPECT_EQ(start("plan", {"--missing"}).out, "");
}

TEST_F(Shards, AShardThatIsDoneIsNotComputedAgain) {
    compute("2");
    const auto again = start("run", {"--shard", "2-3", "--json"});
    ASSERT_EQ(again.status, 0) << again.err;
    EXPECT_EQ(json::parse(again.out)["parts_reused"], 3);
    EXPECT_EQ(json::parse(again.out)["parts"], 3);
}

TEST_F(Shards, MergeNamesWhatIsMissingAndPublishesNothing) {
    EXPECT_EQ(start("plan", {"--missing"}).out, "1-4\n");
    compute("1,4");
    const auto outcome = start("merge");
    EXPECT_EQ(outcome.status, 75);
    EXPECT_THAT(outcome.messages(), testing::ElementsAre(AllOf(HasSubstr("6 of 12 parts are missing"),
                                                               HasSubstr("of shard 2-3;"))));
    EXPECT_FALSE(std::filesystem::exists(job.folder / "shared/bands.tif"));
    EXPECT_EQ(start("plan", {"--missing"}).out, "2-3\n");
    const auto missing = json::parse(start("plan", {"--missing", "--json"}).out)["missing"];
    EXPECT_EQ(missing["shards"], "2-3");
    EXPECT_EQ(missing["parts"], "3-8");
    compute("2-3");
    publish();
}

TEST_F(Shards, ADamagedPartIsMissingUntilItsShardIsRunAgain) {
    compute("1-4");
    const std::string part = job.work("shared") + "/parts/000004.bands.tif";
    std::fstream file(part, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-100, std::ios::end);
    file << "damage";
    file.close();
    const auto outcome = start("merge");
    EXPECT_EQ(outcome.status, 75);
    EXPECT_THAT(outcome.err, HasSubstr("of shard 2;"));
    EXPECT_EQ(start("plan", {"--missing"}).out, "2\n");
    compute("2");
    publish();
}

TEST_F(Shards, AManifestOfAnotherRunIsRefused) {
    const auto other = start("run", {"--shard", "1", "--set", "tiling.tile=128"});
    EXPECT_EQ(other.status, 78);
    EXPECT_THAT(other.err, HasSubstr("was made for another run; changed: tiles"));
    const auto level = start("run", {"--shard", "1", "--instructions", "sse4"});
    EXPECT_EQ(level.status, 69) << level.err;
    EXPECT_EQ(start("merge", {"--set", "tiling.tile=128"}).status, 78);
}

TEST_F(Shards, WhatIsNoShardIsRefused) {
    for (const char* bad : {"5", "0", "1/3", "auto", "x", "4-2", ""}) {
        if (*bad == '\0') continue;
        const auto outcome = start("run", {"--shard", bad}, {"-u", "SLURM_ARRAY_TASK_ID"});
        EXPECT_EQ(outcome.status, 64) << bad << outcome.err;
    }
    EXPECT_EQ(job.start("shared", {"--shard", "1,2"}).status, 64) << "a list needs a manifest";
}

TEST_F(Shards, StatusShowsEachShard) {
    compute("3");
    const auto outcome = run_spectile({"status", job.work("shared"), "--json"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto status = json::parse(outcome.out);
    EXPECT_EQ(status["parts"], kParts);
    EXPECT_EQ(status["parts_done"], 3);
    ASSERT_EQ(status["shards"].size(), 4u);
    EXPECT_EQ(status["shards"][2]["state"], "done");
    EXPECT_EQ(status["shards"][2]["parts_done"], 3);
    EXPECT_EQ(status["shards"][0]["state"], "waiting");
    EXPECT_THAT(run_spectile({"status", job.work("shared")}).out, HasSubstr("parts    3 of 12 (25.0 %)"));
    EXPECT_EQ(run_spectile({"status", job.folder / "nowhere"}).status, 66);
}

TEST_F(Shards, StatisticsAreWorkedOutOnceForAllShards) {
    const std::string steps = "--set=prepare=[{standardise: {from: scene}}]";
    ASSERT_EQ(job.start("whole", {steps}).status, 0);
    ASSERT_EQ(plan({"--shards", "4", steps}).status, 0);
    EXPECT_EQ(json::parse(text_of(manifest))["statistics"], true);
    const auto first = start("run", {"--statistics", steps, "--json"});
    ASSERT_EQ(first.status, 0) << first.err;
    EXPECT_EQ(json::parse(first.out)["parts"], 0);
    const std::string stored = job.work("shared") + "/statistics-0.json";
    ASSERT_TRUE(std::filesystem::exists(stored));
    const auto written = std::filesystem::last_write_time(stored);
    ASSERT_EQ(start("run", {"--shard", "1-2", steps}).status, 0);
    EXPECT_EQ(std::filesystem::last_write_time(stored), written);
    std::ofstream(stored) << "damage";
    ASSERT_EQ(start("run", {"--shard", "3-4", steps}).status, 0);
    ASSERT_EQ(start("merge", {steps}).status, 0);
    EXPECT_EQ(text_of(job.folder / "shared/bands.tif"), text_of(job.folder / "whole/bands.tif"));
}

TEST(Balance, EmptyCornersOfASceneAreSharedOutToo) {
    const Folder folder;
    folder.write("identity/model.yaml", "spectile: 1\narchitecture: identity\n");
    folder.write("half.asc",
                 "ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 1\nNODATA_value 0\n0 1\n0 2\n");
    const auto plan_with = [&](const std::string& scene) {
        folder.write("job.yaml", "spectile: 1\nscene: {path: " + scene +
                                     "}\nmodel: identity\ntiling: {tile: 64, part: 512}\nproducts:\n"
                                     "  bands: {path: out/bands.tif}\n");
        const auto outcome = run_spectile(
            {"plan", folder / "job.yaml", "--shards", "2", "--manifest", folder / "manifest.json"});
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        return json::parse(text_of(folder / "manifest.json"));
    };
    for (const std::string driver : {"ENVI", "GTiff"}) {
        gdal({"gdal_translate", "-q", "-of", driver, "-ot", "Byte", "-outsize", "4096", "1024",
              folder / "half.asc", folder / ("half." + driver)});
        const auto root = plan_with("half." + driver);
        EXPECT_EQ(root["parts"]["balanced_by"], "sample");
        const auto valid = root["shards"][0]["valid_pixels"].get<double>();
        EXPECT_EQ(valid + root["shards"][1]["valid_pixels"].get<double>(), 2048 * 1024);
    }
    gdal({"gdaladdo", "-q", folder / "half.GTiff", "2", "4", "8"});
    EXPECT_EQ(plan_with("half.GTiff")["parts"]["balanced_by"], "overview");
}

TEST(Manifest, IsMadeWithTheWarningsOfALookAtTheScene) {
    const Folder folder;
    ASSERT_EQ(run({built("examples/simulate_scene"), folder / "piece", "--size", "60x50"}).status, 0);
    gdal({"gdal_translate", "-q", "-of", "ENVI", "-srcwin", "0", "0", "300", "300", folder / "piece.dat",
          folder / "scene.dat"});
    const auto pipeline = folder.write(
        "map.yaml", "spectile: 1\nscene: {path: scene.dat, scale: 0.0001}\nmodel: " SPECTILE_SOURCE_DIR
                    "/models/enmap-landcover\nproducts: {class_map: {path: map.tif}}\n");
    const auto planned =
        run_spectile({"plan", pipeline, "--shards", "2", "--manifest", folder / "manifest.json", "--json"});
    ASSERT_EQ(planned.status, 0) << planned.err;
    EXPECT_THAT(planned.err, HasSubstr("of the sampled pixels are nodata"));
    EXPECT_THAT(json::parse(planned.out)["warnings"][0].get<std::string>(), HasSubstr("are nodata"));
    const auto submitted =
        run_spectile({"submit", pipeline, "--to", "slurm", "--shards", "2", "--jobs", folder / "jobs"});
    ASSERT_EQ(submitted.status, 0) << submitted.err;
    EXPECT_THAT(submitted.err, HasSubstr("of the sampled pixels are nodata"));
}

TEST(Manifest, OfAHundredThousandPartsTakesThreeSecondsAnd300MiB) {
    const Folder folder;
    folder.write("identity/model.yaml", "spectile: 1\narchitecture: identity\n");
    // 316 x 317 parts of 512; nothing is stored of the pixels.
    gdal({"gdal_create",
          "-q",
          "-of",
          "GTiff",
          "-outsize",
          "161792",
          "162304",
          "-bands",
          "1",
          "-ot",
          "Byte",
          "-a_nodata",
          "0",
          "-co",
          "TILED=YES",
          "-co",
          "BLOCKXSIZE=512",
          "-co",
          "BLOCKYSIZE=512",
          "-co",
          "SPARSE_OK=TRUE",
          "-co",
          "BIGTIFF=YES",
          folder / "large.tif"});
    folder.write("job.yaml",
                 "spectile: 1\nscene: {path: large.tif}\nmodel: identity\ntiling: {tile: 512, part: 512}\n"
                 "products:\n  bands: {path: out/bands.tif}\n");
    const auto outcome = run_spectile(
        {"plan", folder / "job.yaml", "--shards", "1000", "--manifest", folder / "manifest.json"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(json::parse(text_of(folder / "manifest.json"))["parts"]["count"], 316 * 317);
#if !defined(__SANITIZE_ADDRESS__)
    EXPECT_LT(outcome.cpu_s, 3);
    EXPECT_LT(outcome.peak_mib, 300);
#endif
    RecordProperty("cpu_s", std::to_string(outcome.cpu_s));
    RecordProperty("peak_mib", std::to_string(outcome.peak_mib));
}

}  // namespace
}  // namespace spectile::test
