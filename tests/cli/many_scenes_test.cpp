// Several scenes in one run: each by itself, with a table of what came of them, and shared out over
// processes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

namespace fs = std::filesystem;

class ManyScenes : public testing::Test {
protected:
    ManyScenes() {
        folder.write("identity/model.yaml", "spectile: 1\narchitecture: identity\n");
        fs::create_directories(folder / "inbox");
        EXPECT_EQ(run({built("examples/simulate_scene"), folder / "scene", "--size", "1100x600"}).status, 0);
        for (const char* name : {"a", "b", "c", "d"}) add_scene(name);
        definition = folder.write("p.yaml",
                                  "spectile: 1\nscenes: inbox/*.tif\nmodel: identity\ntiling: {part: 512}\n"
                                  "products:\n  bands: {path: 'out/{stem}.tif'}\n");
    }
    /// The band of the simulated scene that goes with the name, so that no two scenes are alike.
    void add_scene(const std::string& name) {
        gdal({"gdal_translate", "-q", "-b", std::to_string(20 + name[0]), folder / "scene.dat", scene(name)});
    }
    std::string scene(const std::string& name) const { return folder / ("inbox/" + name + ".tif"); }
    std::string product(const std::string& name, const std::string& out = "out") const {
        return folder / (out + "/" + name + ".tif");
    }
    void break_scene(const std::string& name) const {
        folder.write("inbox/" + name + ".tif", text_of(scene(name)).substr(0, 100));
    }
    Outcome start(std::vector<std::string> more = {}, const std::string& verb = "run") const {
        more.insert(more.begin(), {verb, definition});
        return run_spectile(more);
    }
    /// State of each scene by its name, as --json tells it.
    static std::map<std::string, std::string> states(const Outcome& outcome) {
        std::map<std::string, std::string> out;
        const auto document = nlohmann::json::parse(outcome.out);
        for (const auto& row : document.value("scenes", nlohmann::json::array()))
            out[fs::path(row["scene"].get<std::string>()).stem()] = row["state"];
        return out;
    }
    std::vector<std::string> rows(const std::string& table = "results.csv") const {
        std::vector<std::string> out;
        std::istringstream in(text_of(folder / table));
        for (std::string line; std::getline(in, line);) out.push_back(line);
        return out;
    }
    void expect_same_bands(const std::string& name, const std::string& out = "out") const {
        EXPECT_EQ(checksums(scene(name)), checksums(product(name, out))) << name;
    }
    const Folder folder;
    std::string definition;
};

TEST_F(ManyScenes, OneThatFailsIsNamedAndTheOthersAreDone) {
    break_scene("b");
    const auto outcome = start({"--results", folder / "results.csv", "--json"});
    EXPECT_EQ(outcome.status, 65) << outcome.err;
    EXPECT_EQ(states(outcome), (std::map<std::string, std::string>{
                                   {"a", "done"}, {"b", "failed"}, {"c", "done"}, {"d", "done"}}));
    EXPECT_THAT(outcome.messages(), ElementsAre(StartsWith("spectile: failed scene: " + scene("b"))));
    EXPECT_FALSE(fs::exists(product("b")));
    for (const char* name : {"a", "c", "d"}) expect_same_bands(name);
    const auto table = rows();
    ASSERT_EQ(table.size(), 5u);
    EXPECT_EQ(table[0], "scene,state,status,message,products,valid_pixels,seconds");
    EXPECT_THAT(table[1], StartsWith(scene("a") + ",done,0,," + product("a") + ",660000,"));
    EXPECT_THAT(table[2], StartsWith(scene("b") + ",failed,65,"));

    // Repaired, it alone is run.
    add_scene("b");
    const auto again = start({"--results", folder / "results.csv", "--only", "failed", "--json"});
    EXPECT_EQ(again.status, 0) << again.err;
    EXPECT_EQ(states(again), (std::map<std::string, std::string>{{"b", "done"}}));
    expect_same_bands("b");
}

TEST_F(ManyScenes, ANameThatIsThePlaceholderItselfIsFilledInOnce) {
    fs::rename(scene("a"), scene("{stem}"));
    EXPECT_EQ(start().status, 0);
    EXPECT_TRUE(fs::exists(product("{stem}"))) << "of the scene that is called so";
}

TEST_F(ManyScenes, NewOnesAloneAreRunUntilNoneIsLeft) {
    ASSERT_EQ(start({"--results", folder / "results.csv"}).status, 0);
    const auto idle = start({"--results", folder / "results.csv", "--only", "new"});
    EXPECT_EQ(idle.status, 0);
    EXPECT_THAT(idle.err, HasSubstr("no scene is new"));
    add_scene("e");
    break_scene("e");
    add_scene("f");
    const auto more = start({"--results", folder / "results.csv", "--only", "new", "--json"});
    EXPECT_EQ(more.status, 65);
    EXPECT_EQ(states(more), (std::map<std::string, std::string>{{"e", "failed"}, {"f", "done"}}));
    EXPECT_THAT(start({"--results", folder / "results.csv", "--only", "new"}).err,
                HasSubstr("no scene is new"));
    add_scene("e");
    EXPECT_EQ(start({"--results", folder / "results.csv", "--only", "open"}).status, 0);
    expect_same_bands("e");
    EXPECT_THAT(rows(), testing::SizeIs(7));
}

TEST_F(ManyScenes, AFolderThatIsEmptyForNowIsNoFaultForThoseWhoWatchIt) {
    for (const char* name : {"a", "b", "c", "d"}) fs::remove(scene(name));
    EXPECT_EQ(start().status, 66);
    const auto watching = start({"--results", folder / "results.csv", "--only", "open"});
    EXPECT_EQ(watching.status, 0);
    EXPECT_THAT(watching.err, HasSubstr("no file matches"));
}

TEST_F(ManyScenes, ATableOfSomethingElseIsNotTouched) {
    folder.write("results.csv", "id,name\n1,x\n");
    const auto outcome = start({"--results", folder / "results.csv"});
    EXPECT_EQ(outcome.status, 65);
    EXPECT_THAT(outcome.err, HasSubstr("is no table of results"));
    EXPECT_EQ(text_of(folder / "results.csv"), "id,name\n1,x\n");
}

TEST_F(ManyScenes, WhatIsWrongWithTheRunEndsItAtTheFirst) {
    const auto outcome = start({"--device", "cuda:7", "--results", folder / "results.csv"});
    EXPECT_EQ(outcome.status, 69);
    EXPECT_EQ(outcome.messages().size(), 1u);
    EXPECT_THAT(rows(), testing::SizeIs(1));
}

TEST_F(ManyScenes, FewShardsTakeWholeScenesAndPublishThem) {
    for (const char* shard : {"1/3", "2/3", "3/3"}) {
        const auto outcome = start({"--shard", shard, "--results", folder / "results.csv", "--json"});
        ASSERT_EQ(outcome.status, 0) << outcome.err;
        EXPECT_EQ(states(outcome).size(), std::string(shard) == "1/3" ? 2u : 1u);
    }
    for (const char* name : {"a", "b", "c", "d"}) expect_same_bands(name);
    EXPECT_THAT(rows("results.shard-1-3.csv"), testing::SizeIs(3));
    const auto merged = start({"--results", folder / "results.csv", "--json"}, "merge");
    EXPECT_EQ(merged.status, 0) << merged.err;
    EXPECT_EQ(nlohmann::json::parse(merged.out)["already_done"], true);
    EXPECT_THAT(rows(), testing::SizeIs(5));
}

TEST_F(ManyScenes, ManyShardsTakePartsAndMergePublishesTheSameBytes) {
    ASSERT_EQ(start({"--set", "products.bands.path=straight/{stem}.tif"}).status, 0);
    // Six shards over four scenes: two of a, two of b, one each of c and d, which are done whole.
    for (const char* index : {"1", "2", "4", "5", "6"})
        ASSERT_EQ(run({"env", std::string("SLURM_ARRAY_TASK_ID=") + index, built("spectile"), "run",
                       definition, "--shard", "auto/6", "--results", folder / "tasks.csv"})
                      .status,
                  0);
    EXPECT_FALSE(fs::exists(product("a")));
    expect_same_bands("d");
    EXPECT_THAT(rows("tasks.shard-6-6.csv"), ElementsAre(testing::_, StartsWith(scene("d") + ",done,0")));
    EXPECT_THAT(rows("tasks.shard-1-6.csv"), ElementsAre(testing::_, StartsWith(scene("a") + ",computed,0")));
    const auto early = start({"--json"}, "merge");
    EXPECT_EQ(early.status, 75) << early.err;
    EXPECT_EQ(states(early), (std::map<std::string, std::string>{
                                 {"a", "done"}, {"b", "failed"}, {"c", "there"}, {"d", "there"}}));
    ASSERT_EQ(start({"--shard", "3/6"}).status, 0);
    ASSERT_EQ(start({}, "merge").status, 0);
    for (const char* name : {"a", "b", "c", "d"})
        EXPECT_EQ(text_of(product(name)), text_of(product(name, "straight"))) << name;
}

TEST_F(ManyScenes, TwoScenesOfOneWorkFolderDoNotMeet) {
    ASSERT_EQ(start({"--work", folder / "work", "--keep"}).status, 0);
    for (const char* name : {"a", "b", "c", "d"}) expect_same_bands(name);
    EXPECT_TRUE(fs::exists(folder / "work/a/run.json"));
}

/// Two scenes that overlap by 300 columns, of one band each.
class Mosaic : public ManyScenes {
protected:
    Mosaic() {
        for (const char* name : {"a", "b", "c", "d"}) fs::remove(scene(name));
        cut("left", 40, 0);
        cut("right", 40, 400);
    }
    void cut(const std::string& name, int band, int column) {
        gdal({"gdal_translate", "-q", "-b", std::to_string(band), "-srcwin", std::to_string(column), "0",
              "700", "600", folder / "scene.dat", scene(name)});
    }
    Outcome start_with(const std::string& mosaic, std::vector<std::string> more = {}) {
        definition =
            folder.write("m.yaml", text_of(folder / "p.yaml") + "mosaic:\n  bands: " + mosaic + "\n");
        return start(std::move(more));
    }
    std::string value_at(const std::string& raster, int column, int row) const {
        return run({"gdallocationinfo", "-valonly", folder / raster, std::to_string(column),
                    std::to_string(row)})
            .out;
    }
};

TEST_F(Mosaic, OfPiecesIsTheWhole) {
    gdal({"gdal_translate", "-q", "-b", "40", folder / "scene.dat", folder / "whole.tif"});
    ASSERT_EQ(start_with("all.tif").status, 0);
    EXPECT_EQ(gdalinfo(folder / "all.tif")["geoTransform"], gdalinfo(folder / "whole.tif")["geoTransform"]);
    EXPECT_EQ(checksums(folder / "all.tif"), checksums(folder / "whole.tif"));
    EXPECT_EQ(crs(folder / "all.tif"), crs(folder / "whole.tif"));
    EXPECT_EQ(run_spectile({"verify", folder / "all.tif"}).status, 0);
    const auto bytes = text_of(folder / "all.tif");
    const auto again = start({"--json"});
    EXPECT_EQ(nlohmann::json::parse(again.out)["already_done"], true) << again.err;
    ASSERT_EQ(start({"--overwrite"}).status, 0);
    EXPECT_EQ(text_of(folder / "all.tif"), bytes);
    for (const auto& name : folder.names()) EXPECT_THAT(name, Not(HasSubstr("partial")));
}

TEST_F(Mosaic, WhereScenesOverlapTheFirstOrTheLastCounts) {
    cut("right", 90, 400);
    ASSERT_EQ(start_with("{path: first.tif}").status, 0);
    ASSERT_EQ(start_with("{path: last.tif, overlap: last}").status, 0);
    const auto left = value_at("inbox/left.tif", 550, 300), right = value_at("inbox/right.tif", 150, 300);
    ASSERT_NE(left, right);
    EXPECT_EQ(value_at("first.tif", 550, 300), left);
    EXPECT_EQ(value_at("last.tif", 550, 300), right);
    EXPECT_EQ(value_at("last.tif", 200, 300), value_at("inbox/left.tif", 200, 300));
}

TEST_F(Mosaic, AVirtualRasterMovesWithItsFolder) {
    ASSERT_EQ(start_with("out/all.vrt").status, 0);
    ASSERT_EQ(start_with("whole.tif", {}).status, 0);
    fs::rename(folder / "out", folder / "elsewhere");
    EXPECT_EQ(checksums(folder / "elsewhere/all.vrt"), checksums(folder / "whole.tif"));
}

TEST_F(Mosaic, ATileIndexHasAFeatureAScene) {
    ASSERT_EQ(start_with("out/index.gpkg").status, 0);
    const auto listed = run({"ogrinfo", "-al", "-q", folder / "out/index.gpkg"}).out;
    EXPECT_THAT(listed, testing::AllOf(HasSubstr("location (String) = left.tif"),
                                       HasSubstr("location (String) = right.tif"),
                                       HasSubstr("scene (String) = " + scene("left"))));
    const auto bytes = text_of(folder / "out/index.gpkg");
    ASSERT_EQ(start({"--overwrite"}).status, 0);
    EXPECT_EQ(text_of(folder / "out/index.gpkg"), bytes);
}

TEST_F(Mosaic, AnotherGridIsTheWarpersOwn) {
    ASSERT_EQ(start_with("{path: all.tif, crs: 'EPSG:32632', resolution: 60, resampling: bilinear}").status,
              0);
    gdal({"gdalwarp", "-q", "-t_srs", "EPSG:32632", "-tr", "60", "60", "-tap", "-r", "bilinear", "-et", "0",
          "-ovr", "NONE", product("right"), product("left"), folder / "expected.tif"});
    EXPECT_EQ(checksums(folder / "all.tif"), checksums(folder / "expected.tif"));
}

TEST_F(Mosaic, IsNotMadeOfHalfTheScenes) {
    break_scene("right");
    const auto outcome = start_with("all.tif");
    EXPECT_EQ(outcome.status, 65);
    EXPECT_THAT(outcome.err, HasSubstr("mosaic: is not made, since 1 scenes failed"));
    EXPECT_FALSE(fs::exists(folder / "all.tif"));
}

TEST_F(Mosaic, WhatCannotBeIsRefusedBeforeTheRun) {
    for (const auto& [mosaic, message] : std::map<std::string, std::string>{
             {"{path: a.vrt, crs: 'EPSG:32632', resolution: 60}", "refers to the products as they are"},
             {"{path: a.tif, crs: 'EPSG:32632'}", "resolution: must be given with crs"},
             {"{path: a.tif, overlap: middle}", "overlap"},
             {"{path: a.csv}", "CSV is for detections"}}) {
        const auto outcome = start_with(mosaic);
        EXPECT_EQ(outcome.status, 78) << mosaic;
        EXPECT_THAT(outcome.messages(), ElementsAre(HasSubstr(message)));
    }
    definition = folder.write("m.yaml", text_of(folder / "p.yaml") + "mosaic: {class_map: a.tif}\n");
    EXPECT_THAT(start().messages(), ElementsAre(HasSubstr("mosaic.class_map: products names no class_map")));
    EXPECT_FALSE(fs::exists(folder / "out"));
}

TEST_F(ManyScenes, MetricsArePrometheusText) {
    ASSERT_EQ(start({"--metrics", folder / "m.prom"}).status, 0);
    const std::string line =
        "(# (HELP|TYPE) [^\n]+|spectile_[a-z_]+\\{run=\"p\",shard=\"\"(,stage=\"publish\")?\\} [0-9.e+-]+)\n";
    EXPECT_THAT(text_of(folder / "m.prom"), MatchesRegex("(" + line + ")+"));
    EXPECT_THAT(text_of(folder / "m.prom"), HasSubstr("spectile_exit_status{run=\"p\",shard=\"\"} 0\n"));
    break_scene("a");
    EXPECT_EQ(start({"--metrics", folder / "m.prom"}).status, 65);
    EXPECT_THAT(text_of(folder / "m.prom"), HasSubstr("spectile_exit_status{run=\"p\",shard=\"\"} 65\n"));
}

TEST_F(ManyScenes, EachShardsMetricsAreAFileOfTheirOwn) {
    for (const char* index : {"1", "2"})
        ASSERT_EQ(run({"env", std::string("PBS_ARRAY_INDEX=") + index, built("spectile"), "run", definition,
                       "--shard", "auto/2", "--metrics", folder / "m.prom"})
                      .status,
                  0);
    EXPECT_FALSE(fs::exists(folder / "m.prom"));
    for (const std::string index : {"1", "2"})
        EXPECT_THAT(text_of(folder / ("m.shard-" + index + "-2.prom")),
                    HasSubstr("spectile_exit_status{run=\"p\",shard=\"" + index + "/2\"} 0\n"));
}

TEST_F(ManyScenes, ARowThatAKillCutShortIsLeftOut) {
    ASSERT_EQ(start({"--results", folder / "results.csv"}).status, 0);
    const auto whole = text_of(folder / "results.csv");
    const auto torn = whole.find(scene("d")) + 40;  // Within the last row.
    folder.write("results.csv", whole.substr(0, torn));
    const auto again = start({"--results", folder / "results.csv", "--only", "new", "--json"});
    ASSERT_EQ(again.status, 0) << again.err;
    EXPECT_EQ(states(again), (std::map<std::string, std::string>{{"d", "there"}}));
    EXPECT_THAT(rows(), testing::SizeIs(5));
}

TEST_F(ManyScenes, ARowNamesBothDatesOfAPair) {
    const auto pairs = folder.write("pairs.yaml",
                                    "spectile: 1\nscenes:\n  - {before: inbox/a.tif, after: inbox/b.tif}\n"
                                    "  - {before: inbox/c.tif, after: missing.tif}\nmodel: identity\n"
                                    "products:\n  bands: {path: 'out/{stem}.tif'}\n");
    run_spectile({"run", pairs, "--results", folder / "results.csv"});
    EXPECT_THAT(rows(),
                ElementsAre(testing::_, StartsWith(scene("a") + "; " + scene("b") + ","),
                            StartsWith(scene("c") + "; " + (folder / "missing.tif") + ",failed,66,")));
}

/// On another file system, as on a node.
class Scratch : public ManyScenes {
protected:
    Scratch() {
        fs::remove_all(scratch);
        fs::create_directories(scratch);
    }
    ~Scratch() override { fs::remove_all(scratch); }
    const std::string scratch = "/dev/shm/spectile-scratch-" + std::to_string(::getpid());
};

TEST_F(Scratch, GivesTheSameBytesAndIsLeftEmpty) {
    ASSERT_EQ(start({"--set", "products.bands.path=straight/{stem}.tif"}).status, 0);
    ASSERT_EQ(start({"--scratch", scratch + "/made/here"}).status, 0);
    for (const char* name : {"a", "b", "c", "d"})
        EXPECT_EQ(text_of(product(name)), text_of(product(name, "straight"))) << name;
    EXPECT_TRUE(fs::is_empty(scratch + "/made/here"));
}

TEST_F(Scratch, ThatCannotBeMadeIsNamed) {
    folder.write("file", "");
    const auto outcome = start({"--scratch", folder / "file/below"});
    EXPECT_EQ(outcome.status, 73);
    EXPECT_THAT(outcome.messages(), ElementsAre(HasSubstr("--scratch " + (folder / "file/below"))));
    EXPECT_FALSE(fs::exists(folder / "out"));
}

TEST_F(ManyScenes, WhatSlurmLeavesOfAJobIsItsTimeLimit) {
    const auto pipeline = folder.write(
        "map.yaml",
        "spectile: 1\nscene: {path: scene.dat}\nmodel: " SPECTILE_SOURCE_DIR
        "/models/enmap-landcover\ntiling: {part: 512, tile: 64}\nproducts:\n  class_map: {path: map.tif}\n");
    const auto in_job = [&](std::time_t end) {
        return run({"env", "SLURM_JOB_END_TIME=" + std::to_string(end), built("spectile"), "run", pipeline});
    };
    const auto stopped = in_job(std::time(nullptr) + 20);  // less than --grace
    EXPECT_EQ(stopped.status, 75) << stopped.err;
    EXPECT_THAT(stopped.err, HasSubstr("run the same command again"));
    EXPECT_FALSE(fs::exists(folder / "map.tif"));
}

}  // namespace
}  // namespace spectile::test
