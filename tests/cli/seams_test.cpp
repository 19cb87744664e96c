// The seams' figure: measured by a command, kept in the card, shown by `info`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

class SeamsOf : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_EQ(run({built("examples/simulate_scene"), folder / "many", "--size", "300x200"}).status, 0);
        gdal({"gdal_translate", "-q", "-of", "ENVI", "-b", "20", "-b", "60", "-b", "120", folder / "many.dat",
              folder / "scene.dat"});
    }
    std::string network(const std::string& kind) {
        const std::string made = folder / kind;
        EXPECT_EQ(run({built("tests/make_torchscript"), made, kind}).status, 0);
        return made;
    }
    Json measured(const std::string& model, const std::vector<std::string>& more) {
        std::vector<std::string> command = {"seams", model, folder / "scene.dat", "--json", "-q"};
        command.insert(command.end(), more.begin(), more.end());
        const auto outcome = run_spectile(command);
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        return Json::parse(outcome.out, nullptr, false);
    }
    const Folder folder;
};

TEST_F(SeamsOf, ADetectorAreMeasuredAtASizeItReads) {
    const std::string model = folder / "mim_istd";
    ASSERT_EQ(run({built("tests/make_network"), model, "mim_istd"}).status, 0);
    gdal({"gdal_translate", "-q", "-of", "ENVI", "-b", "60", folder / "many.dat", folder / "scene.dat"});
    EXPECT_EQ(measured(model, {})["tile"], 64);
    const auto refused = run_spectile({"seams", model, folder / "scene.dat", "--set", "tiling.tile=100"});
    EXPECT_EQ(refused.status, 78);
    EXPECT_THAT(refused.err,
                HasSubstr("tiling.tile: the model reads windows of 128 pixels, or of a multiple of"));
}

TEST_F(SeamsOf, ANetworkOfOneSizeAreMeasuredAgainstADenserGrid) {
    const std::string model = folder / "spectral_gpt";
    ASSERT_EQ(run({built("tests/make_network"), model, "spectral_gpt"}).status, 0);
    const auto seams = measured(model, {"--store"});
    EXPECT_EQ(seams["tile"], 72);
    EXPECT_EQ(seams["halo"], 12);
    EXPECT_EQ(seams["against"], "tiles at every eighth of a window");
    EXPECT_GT(seams["all"]["pixels"], 50000);
    EXPECT_GT(seams["all"]["mean"], 1e-6);
    EXPECT_LT(seams["all"]["mean"], 0.5);
    EXPECT_THAT(run_spectile({"info", model}).out,
                HasSubstr("against tiles at every eighth of a window: mean"));
}

TEST_F(SeamsOf, AGlobalNetworkAreKeptInItsCardAndShown) {
    const std::string model = network("global");
    const auto before = text_of(model + "/model.yaml");
    const auto seams = measured(model, {"--store"});
    EXPECT_EQ(seams["tile"], 96);
    EXPECT_EQ(seams["against"], "one tile over all");
    EXPECT_EQ(seams["blend"], "feather");
    EXPECT_GT(seams["all"]["pixels"], 50000);
    EXPECT_GT(seams["all"]["mean"], 0);
    EXPECT_GE(seams["all"]["largest"], seams["near"]["largest"]);
    // Stored twice it stands there once, and the author's own text is as it was.
    measured(model, {"--store"});
    const auto after = text_of(model + "/model.yaml");
    EXPECT_TRUE(after.starts_with(before));
    EXPECT_EQ(after.find("seams:"), after.rfind("seams:"));
    const auto shown = run_spectile({"info", model});
    EXPECT_THAT(shown.out, testing::ContainsRegex("seams: tiles of 96 against one tile over all: mean "
                                                  "[0-9.e-]{1,8}, largest [0-9.e-]{1,8}; beside"));
    EXPECT_EQ(Json::parse(run_spectile({"info", model, "--json"}).out)["seams"], seams);
}

TEST_F(SeamsOf, AModelStoredLaterChangeNoRecipe) {
    const std::string model = network("global");
    const auto pipeline = folder.write("p.yaml", "spectile: 1\nscene: {path: scene.dat}\nmodel: " + model +
                                                     "\nproducts:\n  class_map: {path: map.tif}\n");
    ASSERT_EQ(run_spectile({"run", pipeline}).status, 0);
    measured(model, {"--store"});
    const auto again = run_spectile({"run", pipeline, "--json"});
    ASSERT_EQ(again.status, 0) << again.err;
    EXPECT_TRUE(Json::parse(again.out)["already_done"].get<bool>());
}

TEST_F(SeamsOf, ASceneOfOneTileAreRefused) {
    const auto outcome =
        run_spectile({"seams", network("local"), folder / "scene.dat", "--set", "tiling.tile=512"});
    EXPECT_EQ(outcome.status, 65);
    EXPECT_THAT(outcome.err, HasSubstr("fits in one tile of 512 pixels"));
}

}  // namespace
}  // namespace spectile::test
