// Two dates, several files of a scene, and the ready pipelines, with small networks of random weights.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using Json = nlohmann::json;

const std::string kShared = SPECTILE_SOURCE_DIR "/../shared/data";
const std::string kPipelines = SPECTILE_SOURCE_DIR "/pipelines/";

class Change : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_EQ(run({built("examples/simulate_scene"), folder / "many", "--size", "250x210"}).status, 0);
        gdal({"gdal_translate", "-q", "-b", "20", "-b", "60", "-b", "120", folder / "many.dat",
              folder / "before.tif"});
        gdal({"gdal_translate", "-q", "-b", "30", "-b", "80", "-b", "140", folder / "many.dat",
              folder / "after.tif"});
        ASSERT_EQ(run({built("tests/make_network"), folder / "model", "spectral_gpt_change"}).status, 0);
    }
    /// The later date on a grid of its own, all of it measured.
    void shift_after() const {
        const auto gt = gdalinfo(folder / "after.tif")["geoTransform"];
        const double pixel = gt[1].get<double>(), left = gt[0].get<double>() - 3.3 * pixel,
                     top = gt[3].get<double>() + 2.7 * pixel;
        gdal({"gdal_translate", "-q", "-a_ullr", std::to_string(left), std::to_string(top),
              std::to_string(left + 256 * pixel), std::to_string(top - 216 * pixel), "-a_nodata", "none",
              "-outsize", "256", "216", "-r", "bilinear", folder / "after.tif", folder / "shifted.tif"});
    }
    std::string pipeline(const std::string& name, const std::string& scene,
                         const std::string& tiling = "") const {
        return folder.write(name + ".yaml", "spectile: 1\nscene: " + scene + "\nmodel: model\n" + tiling +
                                                "products:\n  change_map: {path: " + name +
                                                ".tif}\n  detections: {path: " + name +
                                                ".geojson}\n  probabilities: {path: " + name + "_p.tif}\n");
    }
    const Folder folder;
};

TEST_F(Change, AMapAndTheOutlinesOfWhatChanged) {
    const auto outcome = run_spectile({"run", pipeline("out", "{before: before.tif, after: after.tif}")});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(run({"gdalinfo", folder / "out.tif"}).out, HasSubstr("2: changed"));
    // Every changed pixel lies in one outline.
    gdal({"gdal_translate", "-q", "-of", "ENVI", folder / "out.tif", folder / "map.dat"});
    const auto map = text_of(folder / "map.dat");
    const auto changed = std::count(map.begin(), map.end(), '\2');
    std::int64_t outlined = 0;
    const Json changes = Json::parse(text_of(folder / "out.geojson"));
    for (const auto& feature : changes["features"]) {
        outlined += feature["properties"]["area_px"].get<std::int64_t>();
        EXPECT_GT(feature["properties"]["mean_score"], 0.5);
    }
    EXPECT_EQ(outlined, changed);
    EXPECT_NE(changed, static_cast<std::ptrdiff_t>(map.size())) << "random weights change here and there";
    for (const char* product : {"out.tif", "out.geojson"})
        EXPECT_EQ(run_spectile({"verify", folder / product}).status, 0);
}

TEST_F(Change, UnequalGridsNeedARule) {
    shift_after();
    const auto refused = run_spectile({"run", pipeline("out", "{before: before.tif, after: shifted.tif}")});
    EXPECT_EQ(refused.status, 65) << refused.err;
    ASSERT_EQ(refused.messages().size(), 1u);
    EXPECT_THAT(refused.err, HasSubstr("shifted.tif is not on the grid of"));
    EXPECT_THAT(refused.err, HasSubstr("scene.resampling"));
}

TEST_F(Change, AlignedOnTheWayOrBeforehandIsTheSame) {
    shift_after();
    const auto scene = gdalinfo(folder / "before.tif");
    const auto gt = scene["geoTransform"];
    const double left = gt[0].get<double>(), top = gt[3].get<double>(), pixel = gt[1].get<double>();
    const auto text = [](double value) { return Json(value).dump(); };
    gdal({"gdalwarp",
          "-q",
          "-et",
          "0",
          "-r",
          "bilinear",
          "-te",
          text(left),
          text(top - 210 * pixel),
          text(left + 250 * pixel),
          text(top),
          "-ts",
          "250",
          "210",
          "-wo",
          "XSCALE=1",
          "-wo",
          "YSCALE=1",
          "-wo",
          "SAMPLE_GRID=YES",
          folder / "shifted.tif",
          folder / "ready.tif"});
    const auto made = [&](const std::string& name, const std::string& after, const std::string& tiling,
                          const std::vector<std::string>& more) {
        std::vector<std::string> command = {
            "run",
            pipeline(name, "{before: before.tif, resampling: bilinear, after: " + after + "}", tiling)};
        command.insert(command.end(), more.begin(), more.end());
        const auto outcome = run_spectile(command);
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        return checksums(folder / (name + "_p.tif"));
    };
    const auto beforehand = made("beforehand", "ready.tif", "", {});
    EXPECT_EQ(made("on_the_way", "shifted.tif", "", {"--threads", "1"}), beforehand);
    EXPECT_EQ(made("small_parts", "shifted.tif", "tiling: {part: 512}\n", {"--threads", "3"}), beforehand);
}

TEST_F(Change, RunsInOneLine) {
    const auto outcome =
        run_spectile({"change", folder / "before.tif", folder / "after.tif", "-m", folder / "model", "-o",
                      folder / "one.tif", "--detections", folder / "one.gpkg"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_TRUE(fs::exists(folder / "one.gpkg"));
    EXPECT_EQ(run_spectile({"change", folder / "before.tif", "-m", folder / "model", "-o", folder / "x.tif"})
                  .status,
              64);
}

TEST_F(Change, InitWritesAPipelineThatRuns) {
    const auto written = run_spectile({"init", "change", folder / "before.tif", folder / "after.tif", "-m",
                                       folder / "model", "-o", folder / "init.yaml"});
    ASSERT_EQ(written.status, 0) << written.err;
    EXPECT_EQ(run_spectile({"run", folder / "init.yaml"}).status, 0);
    EXPECT_TRUE(fs::exists(folder / "out/before_changes.gpkg"));
    ASSERT_EQ(run({built("tests/make_network"), folder / "labels", "spectral_gpt_labels"}).status, 0);
    const auto label = run_spectile(
        {"init", "label", folder / "before.tif", "-m", folder / "labels", "-o", folder / "label.yaml"});
    ASSERT_EQ(label.status, 0) << label.err;
    EXPECT_EQ(run_spectile({"run", folder / "label.yaml"}).status, 0);
    EXPECT_TRUE(fs::exists(folder / "out/before_labels.tiles.tif"));
}

TEST_F(Change, TheReadyPipelinesRun) {
    ASSERT_EQ(run({built("tests/make_network"), folder / "labels", "spectral_gpt_labels"}).status, 0);
    ASSERT_EQ(run({built("tests/make_network"), folder / "segments", "spectral_gpt"}).status, 0);
    const auto ready = [&](const std::string& name, const std::string& model,
                           const std::vector<std::string>& scenes) {
        std::vector<std::string> command = {"run",   kPipelines + name,
                                            "--set", "vars.OUT=" + (folder / "ready"),
                                            "--set", "vars.MODEL=" + (folder / model)};
        for (const auto& scene : scenes) command.insert(command.end(), {"--set", "vars." + scene});
        const auto outcome = run_spectile(command);
        EXPECT_EQ(outcome.status, 0) << name << ": " << outcome.err;
    };
    shift_after();
    ready("segment.yaml", "segments", {"SCENE=" + (folder / "before.tif")});
    ready("label.yaml", "labels", {"SCENE=" + (folder / "before.tif")});
    ready("change.yaml", "model", {"BEFORE=" + (folder / "before.tif"), "AFTER=" + (folder / "shifted.tif")});
    for (const char* product :
         {"segments.tif", "labels.gpkg", "labels.tiles.tif", "change.tif", "changes.gpkg"})
        EXPECT_TRUE(fs::exists(folder / ("ready/" + std::string(product)))) << product;
}

/// Real dates, of Landsat: 2000 and 2003, three of their six bands.
TEST_F(Change, ComparesRealDates) {
    const std::string root = kShared + "/taizhou_change/";
    if (!fs::exists(root)) GTEST_SKIP() << root << " is not there";
    const auto outcome = run_spectile({"change", root + "2000TM", root + "2003TM", "-m", folder / "model",
                                       "-o", folder / "taizhou.tif", "-b", "3", "-b", "4", "-b", "5"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(gdalinfo(folder / "taizhou.tif")["size"], Json({400, 400}));
}

/// Real patches with a file a band of 10, 20 and 60 m, named by their files, with a published normalisation.
TEST_F(Change, LabelsARealPatchOfTwelveFiles) {
    const fs::path patch = kShared + "/bigearthnet_tiny/s2/S2A_MSIL2A_20180510T94033_19_86";
    if (!fs::exists(patch)) GTEST_SKIP() << patch << " is not there";
    ASSERT_EQ(run({built("tests/make_network"), folder / "sentinel2", "spectral_gpt_sentinel2"}).status, 0);
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator(patch))
        if (entry.path().extension() == ".tif") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    const auto pipeline = folder.write(
        "patch.yaml",
        "spectile: 1\nscene: {path: " + Json(files).dump() +
            ", resampling: bilinear}\nmodel: sentinel2\nproducts:\n  labels: {path: patch.gpkg}\n");
    const auto plan = run_spectile({"plan", pipeline});
    EXPECT_THAT(plan.out, HasSubstr("eight_bit: 256 steps"));
    EXPECT_THAT(plan.out, HasSubstr("matched by name"));
    const auto outcome = run_spectile({"run", pipeline});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(gdalinfo(folder / "patch.scores.tif")["size"], Json({120, 120}));
    EXPECT_EQ(gdalinfo(folder / "patch.tiles.tif")["size"], Json({2, 2}))
        << "windows of 96, the last shifted";
    const auto unequal = run_spectile({"run", pipeline, "--set", "scene.resampling="});
    EXPECT_EQ(unequal.status, 65);
    EXPECT_THAT(unequal.err, HasSubstr("is not on the grid of"));
}

/// The shipped models on the halves of their scenes that did not train, from the finished maps.
class ShippedModels : public testing::Test {
protected:
    /// A view of one of the data's files at half the pixel size.
    std::string half(const std::string& file, const std::string& resampling) const {
        const std::string view = folder / (fs::path(file).stem().string() + ".vrt");
        EXPECT_EQ(
            run({kPipelines + "trainings/half-pixels.sh", kShared + "/" + file, view, resampling}).status, 0);
        return view;
    }
    static std::string model(const std::string& name) { return SPECTILE_SOURCE_DIR "/models/" + name; }
    /// What evaluate says of the squares that did not train, beside the card's own words.
    void expect_as_the_card_says(const std::string& name, const std::vector<std::string>& evaluate,
                                 double rule) const {
        auto words = evaluate;
        words.insert(words.begin(), "evaluate");
        words.emplace_back("--json");
        const auto judged = run_spectile(words);
        ASSERT_EQ(judged.status, 0) << judged.err;
        const auto card = run_spectile({"info", model(name), "--json"});
        const auto said = Json::parse(card.out).at("accuracy").at("test");
        EXPECT_NEAR(Json::parse(judged.out).at("kappa").get<double>(), said.at("kappa").get<double>(), 0.002)
            << "another BLAS may tip a few pixels";
        EXPECT_GT(said.at("per_class").at(1).at("iou").get<double>(), rule) << "the best simple rule";
    }
    const Folder folder;
};

TEST_F(ShippedModels, ChangeIsAsGoodAsTheCardSaysAndAheadOfChangeVectors) {
    if (!fs::exists(kShared + "/taizhou_change")) GTEST_SKIP() << "no scenes at " << kShared;
    const auto outcome = run_spectile({"change", half("taizhou_change/2000TM", "bilinear"),
                                       half("taizhou_change/2003TM", "bilinear"), "-m",
                                       model("taizhou-change"), "-o", folder / "change.tif"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    expect_as_the_card_says("taizhou-change",
                            {folder / "change.tif", half("taizhou_change/taizhou_gt.tif", "nearest"),
                             "--tile-size", "400", "--tiles", "1,3"},
                            0.854);
}

TEST_F(ShippedModels, WaterIsAsGoodAsTheCardSaysAndAheadOfWaterIndices) {
    const std::string chip = "sen1floods11_spain/Spain_7370579_";
    if (!fs::exists(kShared + "/sen1floods11_spain")) GTEST_SKIP() << "no scenes at " << kShared;
    const auto outcome = run_spectile({"segment", half(chip + "S2Hand.tif", "bilinear"), "-m",
                                       model("spain-water"), "-o", folder / "water.tif"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    expect_as_the_card_says("spain-water",
                            {folder / "water.tif", half(chip + "LabelHand.tif", "nearest"), "--ignore=-1",
                             "--tile-size", "256", "--tiles", "2,3,6,7,10,11,14,15"},
                            0.774);
}

}  // namespace
}  // namespace spectile::test
