// Products open in QGIS with their colours and names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

using testing::HasSubstr;

namespace fs = std::filesystem;

class Styles : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_EQ(run({built("examples/simulate_scene"), folder / "scene", "--size", "60x50"}).status, 0);
        folder.write("map.yaml", "spectile: 1\nscene: {path: scene.dat}\nmodel: " SPECTILE_SOURCE_DIR
                                 "/models/enmap-landcover\nproducts:\n  class_map: {path: map.tif}\n"
                                 "  confidence: {path: confidence.tif}\n");
        ASSERT_EQ(run_spectile({"run", folder / "map.yaml"}).status, 0);
    }
    /// A detector with weights of chance, on one band of the scene.
    void detect() {
        ASSERT_EQ(run({built("tests/make_network"), folder / "model", "mim_istd"}).status, 0);
        ASSERT_EQ(run({"gdal_translate", "-q", "-of", "ENVI", "-b", "60", folder / "scene.dat",
                       folder / "infrared.dat"})
                      .status,
                  0);
        folder.write("targets.yaml",
                     "spectile: 1\nscene: {path: infrared.dat}\nmodel: model\nproducts:\n"
                     "  probabilities: {path: scores.tif}\n"
                     "  detections: {path: targets.gpkg, threshold: 0.45}\n");
        const auto outcome = run_spectile({"run", folder / "targets.yaml"});
        ASSERT_EQ(outcome.status, 0) << outcome.err;
    }
    const Folder folder;
};

TEST_F(Styles, LieBesideProductsAndNameTheClasses) {
    const auto style = text_of(folder / "map.qml");
    EXPECT_THAT(style, HasSubstr("type=\"paletted\""));
    EXPECT_THAT(style, HasSubstr("value=\"6\" label=\"water\" color=\"#2b6fc4\""));
    EXPECT_THAT(style, testing::Not(HasSubstr("value=\"0\""))) << "nodata is no class";
    EXPECT_THAT(text_of(folder / "confidence.qml"), HasSubstr("singlebandpseudocolor"));
    EXPECT_EQ(run_spectile({"verify", folder / "map.tif"}).status, 0);
}

TEST_F(Styles, ThatAUserSavedStay) {
    folder.write("map.qml", "<qgis version=\"3.22\"><pipe/></qgis>");
    fs::remove(folder / "confidence.qml");
    ASSERT_EQ(run_spectile({"run", folder / "map.yaml", "--overwrite"}).status, 0);
    EXPECT_EQ(text_of(folder / "map.qml"), "<qgis version=\"3.22\"><pipe/></qgis>");
    EXPECT_THAT(text_of(folder / "confidence.qml"), HasSubstr("made by spectile"));
}

TEST_F(Styles, AreReadByQgis) {
    detect();
    const auto outcome = run({"env", "QT_QPA_PLATFORM=offscreen", "/usr/bin/python3",
                              SPECTILE_SOURCE_DIR "/tests/cli/qgis_layers.py", folder / "map.tif",
                              folder / "confidence.tif", folder / "targets.gpkg"});
    if (outcome.status == 3) GTEST_SKIP() << "QGIS is not installed (Debian: python3-qgis)";
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("QgsPalettedRasterRenderer 1=roof:#c8322d"));
    EXPECT_THAT(outcome.out, HasSubstr("6=water:#2b6fc4"));
    EXPECT_THAT(outcome.out, HasSubstr("QgsSingleBandPseudoColorRenderer 0:#440154"));
    EXPECT_THAT(outcome.out, HasSubstr("QgsSingleSymbolRenderer SimpleLine round(\"max_score\", 2)"));
}

}  // namespace
}  // namespace spectile::test
