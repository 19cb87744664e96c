// One label to a tile, over whole scenes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using Json = nlohmann::json;

constexpr int kSide = 96;  ///< Of the network's window; 250 x 210 pixels have 3 x 3 of them.

class Labels : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_EQ(run({built("examples/simulate_scene"), folder / "many", "--size", "250x210"}).status, 0);
        gdal({"gdal_translate", "-q", "-of", "ENVI", "-b", "20", "-b", "60", "-b", "120", folder / "many.dat",
              folder / "scene.dat"});
    }
    Json features(const std::string& kind, const std::string& more = "", const std::string& top = "") {
        if (!fs::exists(folder / kind)) {
            EXPECT_EQ(run({built("tests/make_network"), folder / kind, kind}).status, 0);
        }
        const auto pipeline =
            folder.write("p.yaml", "spectile: 1\nscene: {path: scene.dat}\nmodel: " + kind + "\n" + top +
                                       "products:\n  labels: {path: out.geojson" + more +
                                       "}\n  probabilities: {path: p.tif}\n  report: {path: r.html}\n");
        const auto outcome = run_spectile({"run", pipeline, "--overwrite"});
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        return Json::parse(text_of(folder / "out.geojson"))["features"];
    }
    double pixel(const std::string& raster, int band, double col, double row) const {
        return std::stod(run({"gdallocationinfo", "-valonly", "-b", std::to_string(band), folder / raster,
                              std::to_string(static_cast<int>(col)), std::to_string(static_cast<int>(row))})
                             .out);
    }
    const Folder folder;
};

TEST_F(Labels, TheItemOfAFinishedRunStaysAsItIs) {
    ASSERT_EQ(run({built("tests/make_network"), folder / "labelled", "spectral_gpt_labels"}).status, 0);
    const auto pipeline =
        folder.write("item.yaml",
                     "spectile: 1\nscene: {path: scene.dat}\nmodel: labelled\nproducts:\n  labels: {path: "
                     "with_item.geojson}\n  stac: {path: item.json}\n");
    ASSERT_EQ(run_spectile({"run", pipeline}).status, 0);
    const auto item = text_of(folder / "item.json");
    EXPECT_TRUE(Json::parse(item)["assets"]["labels"].contains("file:checksum"));
    const auto again = run_spectile({"run", pipeline});
    EXPECT_EQ(again.status, 0) << again.err;
    EXPECT_EQ(text_of(folder / "item.json"), item);
}

TEST_F(Labels, OneFeatureToATileWithItsClassAndScores) {
    const auto tiles = features("spectral_gpt_labels");
    ASSERT_EQ(tiles.size(), 9u);
    const std::map<int, std::string> names = {{1, "water"}, {4, "bare soil"}, {7, "forest"}};
    int compared = 0;
    for (const auto& tile : tiles) {
        const auto& p = tile["properties"];
        const int col = p["tile_col"].get<int>(), row = p["tile_row"].get<int>();
        EXPECT_EQ(p["name"], names.at(p["class"].get<int>()));
        EXPECT_EQ(p["labels"], p["name"]);
        EXPECT_EQ(p["label_count"], 1);
        double sum = 0, best = 0;
        int band = 0;
        for (const auto& [value, name] : names) {
            const double score = p["score_" + name].get<double>();
            const double mapped = pixel("p.tif", ++band, col * kSide + 5, row * kSide + 5);
            compared += mapped < 0 ? 0 : 1;  // -1: no measurement there.
            EXPECT_TRUE(mapped < 0 || std::abs(score - mapped) < 1e-6) << score << " and " << mapped;
            sum += score;
            best = std::max(best, score);
        }
        EXPECT_NEAR(sum, 1, 1e-5);
        EXPECT_DOUBLE_EQ(p["score"].get<double>(), best);
        EXPECT_EQ(p["read_width"], kSide);
        EXPECT_EQ(p["read_x"], std::min(col * kSide, 250 - kSide)) << "shifted inward";
        EXPECT_EQ(p["read_y"], std::min(row * kSide, 210 - kSide));
        EXPECT_EQ(pixel("out.tiles.tif", 1, col, row), p["class"].get<double>());
    }
    EXPECT_GE(compared, 18) << "of 27";
}

TEST_F(Labels, TheCoarseRasterLiesOnTheScene) {
    features("spectral_gpt_labels");
    const auto coarse = gdalinfo(folder / "out.tiles.tif"), scene = gdalinfo(folder / "scene.dat");
    EXPECT_EQ(coarse["size"], Json({3, 3}));
    EXPECT_EQ(coarse["geoTransform"][0], scene["geoTransform"][0]);
    EXPECT_EQ(coarse["geoTransform"][3], scene["geoTransform"][3]);
    EXPECT_DOUBLE_EQ(coarse["geoTransform"][1].get<double>(), kSide * scene["geoTransform"][1].get<double>());
    EXPECT_EQ(crs(folder / "out.tiles.tif"), crs(folder / "scene.dat"));
    EXPECT_THAT(run({"gdalinfo", folder / "out.tiles.tif"}).out, HasSubstr("4: bare soil"));
    for (const char* product : {"out.tiles.tif", "out.geojson", "p.tif"})
        EXPECT_EQ(run_spectile({"verify", folder / product}).status, 0) << product;
}

TEST_F(Labels, OutlinesCoverTheSceneOnce) {
    double area = 0;
    for (const auto& tile : features("spectral_gpt_labels"))
        area += tile["properties"]["area_m2"].get<double>();
    const auto gt = gdalinfo(folder / "scene.dat")["geoTransform"];
    EXPECT_NEAR(area, 250 * 210 * gt[1].get<double>() * -gt[5].get<double>(), 1e-3);
}

TEST_F(Labels, ClassesThatDoNotExcludeEachOtherAreListed) {
    const auto all = features("spectral_gpt_multi_label", ", threshold: 0");
    ASSERT_EQ(all.size(), 9u);
    for (const auto& tile : all) EXPECT_EQ(tile["properties"]["labels"], "water; bare soil; forest");
    EXPECT_EQ(gdalinfo(folder / "out.tiles.tif")["bands"].size(), 3u);
    const auto some = features("spectral_gpt_multi_label", ", threshold: 0.5");
    std::set<int> counts;
    for (const auto& tile : some) {
        const auto& p = tile["properties"];
        int above = 0, band = 0;
        for (const char* name : {"water", "bare soil", "forest"}) {
            const bool there = p[std::string("score_") + name].get<double>() > 0.5;
            above += there;
            EXPECT_EQ(pixel("out.tiles.tif", ++band, p["tile_col"].get<int>(), p["tile_row"].get<int>()),
                      there ? 1 : 0);
        }
        EXPECT_EQ(p["label_count"], above);
    }
}

TEST_F(Labels, TilesOfTheAreaOfInterestAlone) {
    const auto tiles = features("spectral_gpt_labels", "", "aoi: {window: [100, 100, 20, 110]}\n");
    ASSERT_EQ(tiles.size(), 2u);
    EXPECT_EQ(tiles[0]["properties"]["tile_col"], 1);
    EXPECT_EQ(tiles[1]["properties"]["tile_row"], 2);
    const auto coarse = gdalinfo(folder / "out.tiles.tif"), scene = gdalinfo(folder / "scene.dat");
    EXPECT_EQ(coarse["size"], Json({1, 2}));
    EXPECT_DOUBLE_EQ(coarse["geoTransform"][0].get<double>(),
                     scene["geoTransform"][0].get<double>() + kSide * scene["geoTransform"][1].get<double>());
}

TEST_F(Labels, ADenserGridHasALabelToAStep) {
    const auto tiles = features("spectral_gpt_labels", "", "tiling: {halo: 24}\n");
    EXPECT_EQ(tiles.size(), 5u * 4u) << "steps of 48";
    EXPECT_EQ(gdalinfo(folder / "out.tiles.tif")["size"], Json({5, 4}));
}

TEST_F(Labels, AreRefusedWhereTheyMakeNoSense) {
    for (const char* kind : {"spectral_gpt", "spectral_gpt_labels", "spectral_gpt_multi_label"})
        ASSERT_EQ(run({built("tests/make_network"), folder / kind, kind}).status, 0);
    const auto refused = [&](const std::string& model, const std::string& more) {
        const auto outcome = run_spectile(
            {"run",
             folder.write("r.yaml", "spectile: 1\nscene: {path: scene.dat}\nmodel: " + model + "\n" + more)});
        EXPECT_EQ(outcome.status, 78) << outcome.err;
        return outcome.err;
    };
    const std::string labels = "products: {labels: l.gpkg}\n";
    EXPECT_THAT(refused("spectral_gpt", labels), HasSubstr("does not label whole tiles; use 'class_map'"));
    EXPECT_THAT(refused("spectral_gpt_labels", "tiling: {halo: 24, blend: feather}\n" + labels),
                HasSubstr("leave tiling.blend out"));
    EXPECT_THAT(refused("spectral_gpt_labels", "products: {labels: l.tif}\n"),
                HasSubstr("its extension names no format"));
    EXPECT_THAT(refused("spectral_gpt_multi_label", "products: {class_map: m.tif}\n"),
                HasSubstr("do not exclude each other; use 'labels'"));
    EXPECT_FALSE(fs::exists(folder / "l.gpkg"));
}

TEST_F(Labels, TheVerbWritesThemAlone) {
    ASSERT_EQ(run({built("tests/make_network"), folder / "m", "spectral_gpt_labels"}).status, 0);
    const auto outcome =
        run_spectile({"label", folder / "scene.dat", "-m", folder / "m", "-o", folder / "out/labels.gpkg"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    for (const char* name : {"labels.gpkg", "labels.tiles.tif", "labels.scores.tif", "labels.html"})
        EXPECT_TRUE(fs::exists(folder / ("out/" + std::string(name)))) << name;
    // As a map each pixel has its tile's class.
    const auto map =
        run_spectile({"classify", folder / "scene.dat", "-m", folder / "m", "-o", folder / "map.tif"});
    EXPECT_EQ(map.status, 0) << map.err;
}

/// What depends on the tile is the same tile for every part, for models too that are local by themselves.
TEST_F(Labels, NormalisationByTileDependsOnNoPart) {
    folder.write("identity/model.yaml", "spectile: 1\narchitecture: identity\n");
    gdal({"gdal_translate", "-q", "-of", "ENVI", "-outsize", "1300", "1200", "-r", "bilinear", "-a_nodata",
          "-9999", folder / "scene.dat", folder / "large.dat"});
    const auto made = [&](const std::string& name, const std::string& tiling,
                          const std::vector<std::string>& more) {
        std::vector<std::string> command = {
            "run",
            folder.write(name + ".yaml",
                         "spectile: 1\nscene: {path: large.dat}\nmodel: identity\nlossy: true\n"
                         "prepare:\n  - min_max: {from: tile, to: [0, 10000]}\ntiling: {" +
                             tiling + "}\nproducts:\n  bands: {path: " + name + ".dat, format: ENVI}\n")};
        command.insert(command.end(), more.begin(), more.end());
        const auto outcome = run_spectile(command);
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        return text_of(folder / (name + ".dat"));
    };
    const auto straight = made("a", "part: 4096, tile: 300", {"--threads", "1"});
    EXPECT_FALSE(straight.empty());
    EXPECT_EQ(made("b", "part: 512, tile: 300", {"--threads", "3"}) == straight, true);
    EXPECT_EQ(made("c", "part: 1024, tile: 300", {"--threads", "2"}) == straight, true);
    EXPECT_EQ(made("d", "part: 512, tile: 200", {}) == straight, false) << "other tiles, other values";
}

}  // namespace
}  // namespace spectile::test
