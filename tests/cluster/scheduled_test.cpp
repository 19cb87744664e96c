// The recipes of examples/scheduled: each one's own command, with its folders moved into a scratch folder,
// maps a new scene once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const std::string kRecipes = SPECTILE_SOURCE_DIR "/examples/scheduled/";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

/// The first line that begins with `start`, without it.
std::string line_after(const std::string& text, const std::string& start) {
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        if (line.starts_with(start)) return line.substr(start.size());
    return "";
}

class Scheduled : public testing::Test {
protected:
    Scheduled() {
        folder.write("data/identity/model.yaml", "spectile: 1\narchitecture: identity\n");
        for (const char* made : {"data/inbox", "data/out", "data/logs"})
            fs::create_directories(folder / made);
        folder.write("data/landcover.yaml",
                     "spectile: 1\nscenes: inbox/*.tif\nmodel: identity\nproducts:\n  bands: {path: "
                     "'out/{stem}.tif'}\n");
        EXPECT_EQ(run({built("examples/simulate_scene"), folder / "scene", "--size", "100x80"}).status, 0);
    }
    void add_scene(const std::string& name) const {
        gdal({"gdal_translate", "-q", "-b", "30", folder / "scene.dat",
              folder / ("data/inbox/" + name + ".tif")});
    }
    /// The recipe's text with its folders where this test has them.
    std::string moved(const std::string& recipe) const {
        return replaced(replaced(text_of(kRecipes + recipe), "/opt/spectile/", kRecipes), "/data",
                        folder / "data");
    }
    Outcome call(const std::string& command) const {
        return run({"env", "SPECTILE=" + built("spectile"), "bash", "-c", command}, 120);
    }
    void expect_each_scene_once(const std::string& command) {
        ASSERT_FALSE(command.empty());
        EXPECT_EQ(call(command).status, 0) << "nothing is there yet";
        add_scene("one");
        const auto first = call(command);
        ASSERT_EQ(first.status, 0) << first.err;
        EXPECT_TRUE(fs::exists(folder / "data/out/one.tif"));
        const auto written = fs::last_write_time(folder / "data/out/one.tif");
        add_scene("two");
        const auto second = call(command);
        ASSERT_EQ(second.status, 0) << second.err;
        EXPECT_TRUE(fs::exists(folder / "data/out/two.tif"));
        EXPECT_EQ(fs::last_write_time(folder / "data/out/one.tif"), written);
        EXPECT_THAT(text_of(folder / "data/results.csv"),
                    testing::AllOf(HasSubstr("one.tif,done,0"), HasSubstr("two.tif,done,0")));
    }
    const Folder folder;
};

TEST_F(Scheduled, CronsLineMapsEachNewSceneOnce) {
    expect_each_scene_once(line_after(moved("crontab"), "*/10 * * * * "));
}

TEST_F(Scheduled, TheServiceMapsEachNewSceneOnce) {
    expect_each_scene_once(line_after(moved("spectile-new-scenes.service"), "ExecStart="));
}

TEST_F(Scheduled, SlurmsLineMapsEachNewSceneOnce) {
    expect_each_scene_once(line_after(moved("scrontab"), "*/30 * * * * "));
}

TEST_F(Scheduled, TheCronJobsCommandMapsEachNewSceneOnce) {
    std::istringstream in(moved("cronjob.yaml"));
    std::string command;
    for (std::string line; std::getline(in, line);)
        if (const auto word = line_after(line, "                - \""); !word.empty() && word.back() == '"')
            command += " \"" + word;
    expect_each_scene_once(command);
}

TEST_F(Scheduled, ASecondCallLeavesTheFirstAlone) {
    add_scene("one");
    const std::string script =
        kRecipes + "new_scenes.sh " + folder / "data/landcover.yaml" + " " + folder / "data/results.csv";
    const auto beside = call("exec 8> " + folder / "data/results.csv.lock" + " && flock 8 && " + script);
    EXPECT_EQ(beside.status, 0);
    EXPECT_FALSE(fs::exists(folder / "data/out/one.tif"));
    EXPECT_EQ(call(script).status, 0);
    EXPECT_TRUE(fs::exists(folder / "data/out/one.tif"));
}

TEST_F(Scheduled, ASceneThatIsHalfCopiedIsTakenOnceItIsWhole) {
    add_scene("one");
    const std::string path = folder / "data/inbox/one.tif", whole = text_of(path);
    folder.write("data/inbox/one.tif", whole.substr(0, whole.size() / 2));
    const std::string script =
        kRecipes + "new_scenes.sh " + folder / "data/landcover.yaml" + " " + folder / "data/results.csv";
    EXPECT_NE(call(script).status, 0);
    EXPECT_THAT(text_of(folder / "data/results.csv"), HasSubstr("one.tif,failed,"));
    folder.write("data/inbox/one.tif", whole);
    EXPECT_EQ(call(script).status, 0);
    EXPECT_TRUE(fs::exists(folder / "data/out/one.tif"));
}

TEST_F(Scheduled, SystemdTakesTheUnits) {
    if (run({"sh", "-c", "command -v systemd-analyze"}).status != 0)
        GTEST_SKIP() << "systemd-analyze is not installed";
    for (const char* unit : {"spectile-new-scenes.service", "spectile-new-scenes.timer"})
        folder.write(std::string("units/") + unit, moved(unit));
    const auto outcome = run({"systemd-analyze", "verify", folder / "units/spectile-new-scenes.service",
                              folder / "units/spectile-new-scenes.timer"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.err.find("spectile"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace spectile::test
