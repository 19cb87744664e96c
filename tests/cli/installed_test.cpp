// The program as `cmake --install` lays it out, used from a folder that knows nothing of the source.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

namespace fs = std::filesystem;

class Installed : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_EQ(run({"cmake", "--install", SPECTILE_BINARY_DIR, "--prefix", folder / "usr"}, 300).status,
                  0);
        fs::create_directories(folder / "home");
    }
    Outcome start(const std::string& words) const {
        return run(
            {"bash", "-c",
             "cd '" + (folder / "home") + "' && exec '" + (folder / "usr/bin/spectile") + "' " + words},
            300);
    }
    const Folder folder;
};

TEST_F(Installed, FindsItsModelsByNameAndMapsWithThem) {
    ASSERT_EQ(run({built("examples/simulate_scene"), folder / "home/scene", "--size", "90x70"}).status, 0);
    EXPECT_THAT(start("models").out, HasSubstr("enmap-landcover"));
    const auto card = start("info enmap-landcover").out;
    EXPECT_THAT(card, HasSubstr("6  water"));
    EXPECT_THAT(card, HasSubstr("accuracy on validation: average_accuracy 0.480424"));
    EXPECT_THAT(card, testing::Not(HasSubstr("confusion")));
    const auto outcome = start("classify scene.dat -m enmap-landcover -o map.tif");
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(start("verify map.tif").status, 0);
    folder.write("home/p.yaml",
                 "spectile: 1\nscene: {path: scene.dat}\nmodel: enmap-landcover\n"
                 "products: {class_map: {path: again.tif}}\n");
    ASSERT_EQ(start("run p.yaml").status, 0);
    EXPECT_EQ(text_of(folder / "home/again.tif").size(), text_of(folder / "home/map.tif").size());
    const auto absent = start("info no-such-model");
    EXPECT_EQ(absent.status, 66);
}

TEST(SourceArchive, IsTheSameTwiceAndWhole) {
    if (run({"git", "-C", SPECTILE_SOURCE_DIR, "rev-parse", "HEAD"}).status != 0)
        GTEST_SKIP() << "this is no clone, so there is no commit to make an archive of";
    const Folder folder;
    const auto archive = [&](const std::string& name) {
        fs::create_directories(folder / name);
        EXPECT_EQ(run({SPECTILE_SOURCE_DIR "/packaging/source-archive.sh", folder / name}).status, 0);
        return text_of(fs::directory_iterator(folder / name)->path().string());
    };
    const auto first = archive("first");
    EXPECT_GT(first.size(), 100'000u);
    EXPECT_EQ(archive("second"), first);
    const auto listed = run({"sh", "-c", "tar tzf '" + (folder / "first") + "'/*.tar.gz"});
    EXPECT_THAT(listed.out, HasSubstr("/src/cli/main.cpp"));
    EXPECT_THAT(listed.out, testing::Not(HasSubstr("/build/")));
}

// The library as another project finds it.
TEST_F(Installed, IsFoundByCMakeAndMapsInAnotherProgram) {
    const std::string example = SPECTILE_SOURCE_DIR "/examples/using_the_library", build = folder / "build";
    // A library under a sanitizer needs a program that is.
    const std::string flags = kSanitized ? "-fsanitize=address,undefined" : "";
    const auto configured = run({"cmake", "-S", example, "-B", build, "-G", "Ninja",
                                 "-DCMAKE_CXX_FLAGS=" + flags, "-DCMAKE_PREFIX_PATH=" + (folder / "usr")});
    ASSERT_EQ(configured.status, 0) << configured.err;
    const auto compiled = run({"cmake", "--build", build}, 300);
    ASSERT_EQ(compiled.status, 0) << compiled.out << compiled.err;
    ASSERT_EQ(run({built("examples/simulate_scene"), folder / "home/scene", "--size", "90x70"}).status, 0);
    for (const char* model : {"enmap-landcover", "band-handed-on"}) {
        folder.write("home/band-handed-on/model.yaml", "spectile: 1\narchitecture: identity\n");
        const bool classes = model == std::string("enmap-landcover");
        const auto pipeline =
            folder.write("home/p.yaml", std::string("spectile: 1\nscene: {path: scene.dat}\nmodel: ") +
                                            model + "\nproducts: {" + (classes ? "class_map" : "bands") +
                                            ": {path: " + model + ".tif}}\n");
        const auto planned =
            nlohmann::json::parse(run({folder / "build/map_folder", "--plan", pipeline}).out);
        EXPECT_EQ(planned["scenes"][0]["extent"], nlohmann::json({0, 0, 90, 70}));
        const auto outcome = run({folder / "build/map_folder", pipeline});
        ASSERT_EQ(outcome.status, 0) << outcome.err;
        EXPECT_EQ(outcome.out, (folder / ("home/" + std::string(model) + ".tif")) + "\n");
        EXPECT_EQ(start("verify " + std::string(model) + ".tif").status, 0);
    }
    const auto refused =
        run({folder / "build/map_folder", folder.write("home/no.yaml", "spectile: 1\nscenes: 3\n")});
    EXPECT_EQ(refused.status, 78) << refused.err;
    EXPECT_THAT(refused.err, HasSubstr("no.yaml:1: "));
}

TEST_F(Installed, HasPagesCompletionAndExamples) {
    for (const char* file :
         {"share/man/man1/spectile.1", "share/man/man1/spectile-run.1", "share/man/man1/spectile-bench.1",
          "share/bash-completion/completions/spectile", "share/zsh/vendor-completions/_spectile",
          "share/fish/vendor_completions.d/spectile.fish", "share/spectile/pipelines/pipeline.schema.json",
          "share/doc/spectile/copyright", "share/spectile/examples/scheduled/new_scenes.sh"})
        EXPECT_GT(fs::file_size(folder / ("usr/" + std::string(file))), 0u) << file;
    // One page for the program and one for each verb.
    std::size_t pages = 0;
    for (const auto& entry : fs::directory_iterator(folder / "usr/share/man/man1"))
        pages += entry.is_regular_file();
    const auto overview = start("--man").out;
    std::size_t verbs = 0;
    for (auto at = overview.find(".BR spectile\\-"); at != std::string::npos;
         at = overview.find(".BR spectile\\-", at + 1))
        ++verbs;
    EXPECT_EQ(pages, verbs + 1);
    EXPECT_GE(verbs, 16u);
}

TEST_F(Installed, AFolderOfTheUsersOwnModelsComesFirst) {
    folder.write("mine/enmap-landcover/model.yaml", "spectile: 1\nname: mine\narchitecture: identity\n");
    const auto outcome = run({"env", "SPECTILE_MODELS=" + (folder / "mine"), folder / "usr/bin/spectile",
                              "info", "enmap-landcover"});
    EXPECT_THAT(outcome.out, AllOf(HasSubstr("mine:"), HasSubstr("identity")));
}

}  // namespace
}  // namespace spectile::test
