// A quick look at a whole scene, on every n-th pixel.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

using testing::HasSubstr;

namespace fs = std::filesystem;

class Preview : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_EQ(run({built("examples/simulate_scene"), folder / "scene", "--size", "300x210"}).status, 0);
        folder.write("map.yaml", "spectile: 1\nscene: {path: scene.dat}\nmodel: " SPECTILE_SOURCE_DIR
                                 "/models/enmap-landcover\nproducts:\n  class_map: {path: map.tif}\n"
                                 "  report: {path: report.html}\n");
    }
    Outcome preview(std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {"run", folder / "map.yaml", "--preview", "100"});
        return run_spectile(more);
    }
    const Folder folder;
};

TEST_F(Preview, IsTheMapOfEveryNthPixel) {
    ASSERT_EQ(preview().status, 0);
    ASSERT_EQ(run_spectile({"run", folder / "map.yaml"}).status, 0);
    const auto small = gdalinfo(folder / "map.preview.tif"), whole = gdalinfo(folder / "map.tif");
    EXPECT_EQ(small["size"], nlohmann::json({100, 70}));
    EXPECT_EQ(small["geoTransform"][0], whole["geoTransform"][0]);
    EXPECT_DOUBLE_EQ(small["geoTransform"][1].get<double>(), 3 * whole["geoTransform"][1].get<double>());
    // The network looks at one pixel by itself, so the preview is the map's own pixels.
    gdal({"gdal_translate", "-q", "-of", "ENVI", "-outsize", "100", "70", "-r", "nearest", folder / "map.tif",
          folder / "expected.dat"});
    gdal({"gdal_translate", "-q", "-of", "ENVI", folder / "map.preview.tif", folder / "got.dat"});
    const auto expected = text_of(folder / "expected.dat"), got = text_of(folder / "got.dat");
    EXPECT_EQ(got, expected);
    EXPECT_THAT(text_of(folder / "report.preview.html"), HasSubstr("A preview: every n-th pixel"));
    EXPECT_EQ(text_of(folder / "report.html").find("A preview:"), std::string::npos);
}

TEST_F(Preview, HashesNoFileAndIsUpToDateUntilTheSceneChanges) {
    ASSERT_EQ(preview().status, 0);
    const auto provenance = nlohmann::json::parse(text_of(folder / "map.preview.tif.provenance.json"));
    EXPECT_EQ(provenance["execution"]["inputs"][0]["sha256"], "");
    const auto written = fs::last_write_time(folder / "map.preview.tif");
    ASSERT_EQ(preview().status, 0);
    EXPECT_EQ(fs::last_write_time(folder / "map.preview.tif"), written);
    fs::last_write_time(folder / "scene.dat", fs::file_time_type::clock::now() - std::chrono::hours(30));
    EXPECT_EQ(preview().status, 73) << "another recipe";
    EXPECT_EQ(preview({"--overwrite"}).status, 0);
}

TEST_F(Preview, RefusesWhatItCannotBe) {
    const auto shard = preview({"--shard", "1/2"});
    EXPECT_EQ(shard.status, 64);
    EXPECT_THAT(shard.err, HasSubstr("--preview: is one small job"));
    const auto window = preview({"--window", "0", "0", "50", "50"});
    EXPECT_EQ(window.status, 64);
    EXPECT_THAT(window.err, HasSubstr("give --bbox"));
}

}  // namespace
}  // namespace spectile::test
