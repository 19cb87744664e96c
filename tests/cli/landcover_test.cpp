#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

using testing::HasSubstr;

const std::string kModel = SPECTILE_SOURCE_DIR "/models/enmap-landcover";

/// What examples/quickstart.sh does, on a smaller scene.
class Landcover : public testing::Test {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(kModel + "/model.yaml")) GTEST_SKIP() << "no model in " << kModel;
        ASSERT_EQ(run({built("examples/simulate_scene"), folder / "scene", "--size", "120x110"}).status, 0);
    }
    void expect_map(const std::string& map) {
        auto scene = gdalinfo(folder / "scene.dat"), product = gdalinfo(folder / map);
        EXPECT_EQ(scene["size"], product["size"]);
        EXPECT_EQ(scene["geoTransform"], product["geoTransform"]);
        EXPECT_EQ(crs(folder / "scene.dat"), crs(folder / map));
        EXPECT_EQ(product["bands"].size(), 1u);
        EXPECT_THAT(run({"gdalinfo", folder / map}).out, HasSubstr("6: water"));
        EXPECT_EQ(run_spectile({"verify", folder / map}).status, 0);
    }
    const Folder folder;
};

TEST_F(Landcover, ClassifyWritesMapConfidenceAndReport) {
    const auto outcome =
        run_spectile({"classify", folder / "scene.dat", "-m", kModel, "-o", folder / "map.tif",
                      "--confidence", folder / "confidence.tif", "--report", folder / "report.html"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    expect_map("map.tif");
    EXPECT_EQ(gdalinfo(folder / "confidence.tif")["bands"][0]["type"], "Float32");
    EXPECT_THAT(text_of(folder / "report.html"), HasSubstr("water"));
    // Where the scene has no measurement the map has no class: the truth's zeros there are its nodata.
    const auto accuracy =
        run_spectile({"evaluate", folder / "map.tif", folder / "scene_truth.dat", "--json"});
    ASSERT_EQ(accuracy.status, 0) << accuracy.err;
    auto figures = nlohmann::json::parse(accuracy.out);
    for (const char* key : {"overall_accuracy", "average_accuracy", "kappa", "mean_iou"})
        EXPECT_TRUE(figures[key].is_number()) << key;
    EXPECT_EQ(figures["per_class"].size(), 6u);
}

TEST_F(Landcover, AMosaicOfMapsHasTheirNamesAndColours) {
    for (const auto& [name, column] : {std::pair{"left", "0"}, {"right", "50"}})
        gdal({"gdal_translate", "-q", "-of", "VRT", "-srcwin", column, "0", "70", "110", folder / "scene.dat",
              folder / (std::string(name) + ".vrt")});
    const auto pipeline = folder.write(
        "p.yaml",
        "spectile: 1\nscenes:\n  - {path: left.vrt, scale: 0.0001}\n  - {path: right.vrt, scale: "
        "0.0001}\nmodel: " +
            kModel + "\nproducts:\n  class_map: {path: 'out/{stem}.tif'}\nmosaic: {class_map: all.tif}\n");
    const auto outcome = run_spectile({"run", pipeline});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    expect_map("all.tif");
    const auto band = [&](const std::string& map) { return gdalinfo(folder / map)["bands"][0]; };
    EXPECT_FALSE(band("all.tif")["colorTable"].is_null());
    EXPECT_EQ(band("all.tif")["colorTable"], band("out/left.tif")["colorTable"]);
    EXPECT_EQ(band("all.tif")["noDataValue"], band("out/left.tif")["noDataValue"]);
    EXPECT_EQ(band("all.tif")["categories"], band("out/left.tif")["categories"]);
    // SpectralMamba is local: pieces give the whole.
    ASSERT_EQ(
        run_spectile({"classify", folder / "scene.dat", "-m", kModel, "-o", folder / "whole.tif"}).status, 0);
    EXPECT_EQ(checksums(folder / "all.tif"), checksums(folder / "whole.tif"));
}

TEST_F(Landcover, InitWritesAPipelineThatRuns) {
    const auto init = [&] {
        return run_spectile(
            {"init", "classify", folder / "scene.dat", "-m", kModel, "-o", folder / "p.yaml"});
    };
    const auto written = init();
    ASSERT_EQ(written.status, 0) << written.err;
    const auto text = text_of(folder / "p.yaml");
    EXPECT_THAT(text, testing::AllOf(HasSubstr("  path: scene.dat\n"),
                                     HasSubstr("# 120 x 110 pixels, 224 bands of Int16"),
                                     HasSubstr("matched by wavelength"), testing::Not(HasSubstr("scale:"))));
    ASSERT_EQ(run_spectile({"run", folder / "p.yaml"}).status, 0);
    expect_map("out/scene_map.tif");
    EXPECT_EQ(init().status, 73);
    EXPECT_EQ(text_of(folder / "p.yaml"), text);
}

TEST_F(Landcover, InitFindsTheScaleThatTheFileDoesNotSay) {
    gdal({"gdal_translate", "-q", "-of", "VRT", folder / "scene.dat", folder / "plain.vrt"});
    const auto written =
        run_spectile({"init", "classify", folder / "plain.vrt", "-m", kModel, "-o", folder / "p.yaml"});
    ASSERT_EQ(written.status, 0) << written.err;
    EXPECT_THAT(text_of(folder / "p.yaml"), HasSubstr("  scale: 0.0001\n"));
    EXPECT_EQ(run_spectile({"run", folder / "p.yaml"}).status, 0);
    const auto unfit =
        run_spectile({"init", "detect", folder / "scene.dat", "-m", kModel, "-o", folder / "d.yaml"});
    EXPECT_EQ(unfit.status, 64);
    EXPECT_FALSE(std::filesystem::exists(folder / "d.yaml"));
}

TEST_F(Landcover, AManifestIsNotMadeOfASceneInOtherUnits) {
    gdal({"gdal_translate", "-q", "-of", "VRT", folder / "scene.dat", folder / "plain.vrt"});
    folder.write("p.yaml", "spectile: 1\nscene: {path: plain.vrt}\nmodel: " + kModel +
                               "\nproducts:\n  class_map: {path: map.tif}\n");
    const auto outcome =
        run_spectile({"plan", folder / "p.yaml", "--shards", "2", "--manifest", folder / "manifest.json"});
    EXPECT_EQ(outcome.status, 65);
    EXPECT_THAT(outcome.messages(), testing::ElementsAre(HasSubstr("give scene: {scale: 0.0001}")));
    EXPECT_FALSE(std::filesystem::exists(folder / "manifest.json"));
}

/// The real scene, from header to verified map; the map must be as good as the card says of the squares held
/// out.
TEST_F(Landcover, RealEnmapSceneGivesTheAccuracyOfTheCard) {
    const std::string data = SPECTILE_SOURCE_DIR "/../shared/data/enmap_potsdam/";
    if (!std::filesystem::exists(data + "enmap_potsdam.hdr"))
        GTEST_SKIP() << "no real EnMAP scene in " << data;
    const std::string map = folder / "potsdam.tif";
    const auto outcome = run_spectile({"classify", data + "enmap_potsdam.hdr", "-m", kModel, "-o", map});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(run_spectile({"verify", map}).status, 0);
    const auto held_out = run_spectile(
        {"evaluate", map, data + "enmap_potsdam_gt.tif", "--tiles", "1,22", "--tile-size", "32", "--json"});
    ASSERT_EQ(held_out.status, 0) << held_out.err;
    const auto figures = nlohmann::json::parse(held_out.out);
    // Training judged patches by LibTorch, this map was made densely: a pixel or two may tip over between the
    // two.
    EXPECT_NEAR(figures["overall_accuracy"].get<double>(), 0.747, 0.005);
    EXPECT_NEAR(figures["average_accuracy"].get<double>(), 0.480, 0.01);
}

TEST_F(Landcover, ReadyPipelineRuns) {
    const auto outcome =
        run_spectile({"run", SPECTILE_SOURCE_DIR "/pipelines/landcover.yaml", "--set",
                      "vars.SCENE=" + (folder / "scene.dat"), "--set", "vars.OUT=" + (folder / "out")});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    expect_map("out/landcover.tif");
}

TEST_F(Landcover, ModelIsDescribed) {
    const auto outcome = run_spectile({"info", kModel, "--json"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    auto document = nlohmann::json::parse(outcome.out);
    EXPECT_EQ(document["architecture"], "spectral_mamba");
    EXPECT_EQ(document["runs_code"], false);
    EXPECT_THAT(run_spectile({"models", "--folder", SPECTILE_SOURCE_DIR "/models"}).out,
                HasSubstr("enmap-landcover"));
}

TEST_F(Landcover, SceneWithOtherBandsIsRefused) {
    gdal({"gdal_translate", "-q", "-b", "1", "-b", "2", folder / "scene.dat", folder / "two.tif"});
    const auto outcome =
        run_spectile({"classify", folder / "two.tif", "-m", kModel, "-o", folder / "map.tif"});
    EXPECT_EQ(outcome.status, 65) << outcome.err;
    EXPECT_EQ(outcome.messages().size(), 1u);
    EXPECT_FALSE(std::filesystem::exists(folder / "map.tif"));
}

}  // namespace
}  // namespace spectile::test
