// Products on another grid than the scene's, against what gdalwarp and ogr2ogr make of the scene's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

const std::string kEurope = "target: {crs: EPSG:3035, resolution: 25}\n";

class Target : public testing::Test {
protected:
    Target() {
        folder.write("identity/model.yaml", "spectile: 1\narchitecture: identity\n");
        EXPECT_EQ(run({built("examples/simulate_scene"), folder / "scene", "--size", "330x290"}).status, 0);
        gdal({"gdal_translate", "-q", "-b", "20", "-b", "40", folder / "scene.dat", folder / "in.tif"});
    }
    std::string definition(const std::string& out, const std::string& more) const {
        return folder.write(out + ".yaml",
                            "spectile: 1\nscene: {path: in.tif}\nmodel: identity\n"
                            "tiling: {tile: 64, part: 128}\nproducts:\n  bands: {path: " +
                                out + ".tif, nodata: -9999}\n" + more);
    }
    Outcome make(const std::string& out, const std::string& more,
                 const std::vector<std::string>& options = {}) const {
        std::vector<std::string> command = {"run", definition(out, more)};
        command.insert(command.end(), options.begin(), options.end());
        auto outcome = run_spectile(command);
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        return outcome;
    }
    /// gdalwarp's own rendering of a raster onto the grid of a product.
    void warp_like(const std::string& product, const std::string& from, const std::string& to,
                   const std::vector<std::string>& more) const {
        const auto info = gdalinfo(folder / product);
        const auto& t = info["geoTransform"];
        const double left = t[0], top = t[3], side = t[1];
        const double right = left + side * info["size"][0].get<double>();
        const double bottom = top - side * info["size"][1].get<double>();
        std::vector<std::string> command = {"gdalwarp", "-q",     "-overwrite", "-et",
                                            "0",        "-t_srs", "EPSG:3035",  "-te"};
        for (const double edge : {left, bottom, right, top}) command.push_back(std::to_string(edge));
        command.insert(command.end(), {"-tr", std::to_string(side), std::to_string(side)});
        command.insert(command.end(), more.begin(), more.end());
        command.insert(command.end(), {folder / from, folder / to});
        gdal(command);
    }
    nlohmann::json recipe_of(const std::string& product) const {
        return nlohmann::json::parse(text_of(folder / (product + ".provenance.json")))["recipe_components"];
    }
    const Folder folder;
};

TEST_F(Target, NearestPixelsAreThoseOfGdalwarp) {
    make("own", "");
    make("out", "target: {crs: EPSG:3035, resolution: 25, resampling: near}\n");
    gdal({"gdalwarp", "-q", "-et", "0", "-t_srs", "EPSG:3035", "-tr", "25", "25", "-tap", "-r", "near",
          folder / "own.tif", folder / "expected.tif"});
    const auto expected = gdalinfo(folder / "expected.tif"), product = gdalinfo(folder / "out.tif");
    EXPECT_EQ(product["geoTransform"], expected["geoTransform"]);
    EXPECT_EQ(product["size"], expected["size"]);
    EXPECT_EQ(crs(folder / "out.tif"), crs(folder / "expected.tif"));
    EXPECT_EQ(checksums(folder / "out.tif"), checksums(folder / "expected.tif"));
    EXPECT_EQ(product["bands"][0]["noDataValue"], -9999.0);
    EXPECT_EQ(product["bands"][1]["description"], gdalinfo(folder / "own.tif")["bands"][1]["description"]);
    EXPECT_EQ(run_spectile({"verify", folder / "out.tif"}).status, 0);
}

TEST_F(Target, OperationIsInTheProvenanceAndInThePlan) {
    make("out", kEurope);
    const auto target = recipe_of("out.tif")["target"];
    EXPECT_THAT(target["operation"]["name"].get<std::string>(), HasSubstr("ETRS89 to WGS 84"));
    EXPECT_THAT(target["operation"]["pipeline"].get<std::string>(), HasSubstr("+proj=laea"));
    EXPECT_EQ(target["operation"]["accuracy_m"], 1.0);
    EXPECT_EQ(target["operation"]["grids"], nlohmann::json::array());
    EXPECT_EQ(target["resampling"], "bilinear");
    EXPECT_EQ(target["size"], gdalinfo(folder / "out.tif")["size"]);
    const auto plan = run_spectile({"plan", definition("other", kEurope), "--json"});
    ASSERT_EQ(plan.status, 0) << plan.err;
    const auto document = nlohmann::json::parse(plan.out)["scenes"][0];
    EXPECT_EQ(document["target"]["size"], target["size"]) << plan.out;
    EXPECT_EQ(document["target"]["resolution"], 25.0);
    EXPECT_THAT(run_spectile({"plan", definition("other", kEurope)}).out,
                HasSubstr("pixels of 25, ETRS89-extended / LAEA Europe (EPSG:3035)"));
}

TEST_F(Target, SameBytesWhateverThreadsMemoryPartsAndShards) {
    make("one", kEurope, {"--threads", "1"});
    make("two", kEurope, {"--threads", "2", "--memory", "4GiB"});
    make("big", kEurope, {"--set", "tiling.part=512", "--memory", "256MiB"});
    const auto pipeline = definition("shards", kEurope);
    for (const char* shard : {"3/3", "1/3", "2/3"})
        ASSERT_EQ(run_spectile({"run", pipeline, "--shard", shard}).status, 0);
    const auto merged = run_spectile({"merge", pipeline});
    ASSERT_EQ(merged.status, 0) << merged.err;
    for (const char* other : {"two", "big", "shards"}) {
        const std::string name = other;
        EXPECT_TRUE(text_of(folder / (name + ".tif")) == text_of(folder / "one.tif")) << name;
    }
    EXPECT_THAT(folder.names(), Not(testing::Contains(HasSubstr("warped"))));
}

TEST_F(Target, AnotherTargetIsAnotherRecipe) {
    make("out", kEurope);
    const auto refused = run_spectile({"run", definition("out", kEurope), "--set", "target.resolution=30"});
    EXPECT_EQ(refused.status, 73);
    EXPECT_THAT(refused.err, HasSubstr("another recipe"));
    const auto again = run_spectile({"run", definition("out", kEurope), "--json"});
    EXPECT_EQ(again.status, 0) << again.err;
}

TEST_F(Target, AreaOfInterestIsTheCutline) {
    const std::string area = folder.write(
        "area.geojson",
        R"({"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::32633"}},)"
        R"("features":[{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":)"
        R"([[[361000,5813000],[366000,5814500],[363000,5818500],[361000,5813000]]]}}]})");
    make("own", "");
    make("out", "aoi: area.geojson\ntarget: {crs: EPSG:3035, resolution: 25, resampling: near}\n");
    warp_like("out.tif", "own.tif", "expected.tif", {"-r", "near", "-cutline", area});
    EXPECT_EQ(checksums(folder / "out.tif"), checksums(folder / "expected.tif"));
    EXPECT_LT(gdalinfo(folder / "out.tif")["size"][0].get<int>(), 270);
}

TEST_F(Target, ScenesOfTwoZonesMeetInOneMosaic) {
    fs::create_directories(folder / "inbox");
    gdal({"gdal_translate", "-q", "-srcwin", "0", "0", "200", "290", folder / "in.tif",
          folder / "inbox/a.tif"});
    gdal({"gdalwarp", "-q", "-t_srs", "EPSG:32632", folder / "in.tif", folder / "inbox/b.tif"});
    const auto pipeline =
        folder.write("many.yaml",
                     "spectile: 1\nscenes: inbox/*.tif\nmodel: identity\nproducts:\n  bands: {path: "
                     "'out/{stem}.tif', nodata: -9999}\n" +
                         kEurope + "mosaic:\n  bands: {path: all.tif}\n");
    const auto outcome = run_spectile({"run", pipeline});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto a = gdalinfo(folder / "out/a.tif"), b = gdalinfo(folder / "out/b.tif"),
               all = gdalinfo(folder / "all.tif");
    EXPECT_EQ(all["geoTransform"][1], 25.0);
    EXPECT_EQ(crs(folder / "out/b.tif"), crs(folder / "all.tif"));
    // One grid: nothing is resampled once more where a alone lies.
    EXPECT_EQ(std::min(a["geoTransform"][0], b["geoTransform"][0]), all["geoTransform"][0]);
    EXPECT_EQ(std::max(a["geoTransform"][3], b["geoTransform"][3]), all["geoTransform"][3]);
    EXPECT_EQ(run_spectile({"verify", folder / "all.tif"}).status, 0);
}

TEST_F(Target, WhatCannotBeDoneIsSaidBeforeAnythingIsComputed) {
    const auto refuse = [&](const std::string& more, int status, const std::string& text) {
        const auto outcome = run_spectile({"run", definition("out", more)});
        EXPECT_EQ(outcome.status, status) << more << outcome.err;
        EXPECT_EQ(outcome.messages().size(), 1u) << outcome.err;
        EXPECT_THAT(outcome.err, HasSubstr(text));
        EXPECT_FALSE(fs::exists(folder / "out.tif"));
    };
    refuse("target: {crs: EPSG:3035}\n", 78, "resolution");
    refuse("target: {resolution: 0}\n", 78, "resolution");
    refuse("target: {crs: nowhere, resolution: 25}\n", 78, "target.crs: 'nowhere' is no CRS");
    refuse("target: {resolution: 25, resampling: bilinaer}\n", 78, "bilinear");
    refuse("target: {resolution: 25, class_resampling: cubic}\n", 78, "class_resampling");
    gdal({"gdal_translate", "-q", "-a_srs", "+proj=utm +zone=33 +ellps=bessel", folder / "in.tif",
          folder / "old.tif"});
    fs::rename(folder / "old.tif", folder / "in.tif");
    refuse(kEurope, 65, "only a ballpark transformation");
}

TEST_F(Target, ClassesKeepNamesAndColours) {
    const std::string model = SPECTILE_SOURCE_DIR "/models/enmap-landcover";
    gdal({"gdal_translate", "-q", "-of", "ENVI", "-srcwin", "0", "0", "70", "60", folder / "scene.dat",
          folder / "small.dat"});
    const auto pipeline = [&](const std::string& out, const std::string& more) {
        return folder.write(
            out + ".yaml",
            "spectile: 1\nscene: {path: small.dat, scale: 0.0001}\nmodel: " + model +
                "\nproducts:\n  class_map: {path: " + out + ".tif}\n  probabilities: {path: " + out +
                "_p.tif}\n  coverage: {path: " + out + "_c.tif}\n  report: " + out + ".html\n" + more);
    };
    for (const auto& [out, more] : {std::pair<std::string, std::string>{"own", ""}, {"out", kEurope}}) {
        const auto outcome = run_spectile({"run", pipeline(out, more)});
        ASSERT_EQ(outcome.status, 0) << outcome.err;
    }
    warp_like("out.tif", "own.tif", "expected.tif", {"-r", "near"});
    EXPECT_EQ(checksums(folder / "out.tif"), checksums(folder / "expected.tif"));
    const auto own = gdalinfo(folder / "own.tif"), out = gdalinfo(folder / "out.tif");
    EXPECT_EQ(out["bands"][0]["colorTable"], own["bands"][0]["colorTable"]);
    EXPECT_EQ(out["metadata"][""]["SPECTILE_CLASSES"], own["metadata"][""]["SPECTILE_CLASSES"]);
    EXPECT_THAT(run({"gdalinfo", folder / "out.tif"}).out, HasSubstr("6: water"));
    // Bilinear values of probabilities stay probabilities; counts are those of the nearest pixel.
    const auto minimum = [&](const std::string& name) {
        return nlohmann::json::parse(run({"gdalinfo", "-json", "-mm", folder / name}).out)["bands"][0];
    };
    EXPECT_GE(minimum("out_p.tif")["computedMin"], 0);
    EXPECT_LE(minimum("out_p.tif")["computedMax"], 1);
    warp_like("out_c.tif", "own_c.tif", "expected_c.tif", {"-r", "near"});
    EXPECT_EQ(checksums(folder / "out_c.tif"), checksums(folder / "expected_c.tif"));
    EXPECT_THAT(text_of(folder / "out.html"), HasSubstr("pixels of 25"));
}

TEST_F(Target, DetectionsComeInItsCrsAndAreTheSame) {
    ASSERT_EQ(run({built("tests/make_network"), folder / "model", "mim_istd"}).status, 0);
    gdal({"gdal_translate", "-q", "-of", "ENVI", "-b", "60", folder / "scene.dat", folder / "one.dat"});
    for (const auto& [out, more] : {std::pair<std::string, std::string>{"own", ""}, {"out", kEurope}}) {
        const auto outcome =
            run_spectile({"run", folder.write(out + ".yaml",
                                              "spectile: 1\nscene: {path: one.dat}\nmodel: model\nproducts:\n"
                                              "  detections: {path: " +
                                                  out + ".gpkg, threshold: 0.45}\n" + more)});
        ASSERT_EQ(outcome.status, 0) << outcome.err;
    }
    gdal({"ogr2ogr", "-t_srs", "EPSG:3035", folder / "expected.gpkg", folder / "own.gpkg"});
    const auto table = [&](const std::string& name, const std::string& columns) {
        return run({"ogr2ogr", "-f", "CSV", "/vsistdout/", folder / (name + ".gpkg"), "-dialect", "SQLite",
                    "-sql",
                    "SELECT " + columns + " FROM \"" + (name == "expected" ? "own" : name) +
                        "\" ORDER BY id"})
            .out;
    };
    const std::string same = "id, area_px, round(area_m2, 3), round(lon, 9), max_score";
    EXPECT_THAT(table("own", same), HasSubstr("\n\"1\","));
    EXPECT_EQ(table("out", same), table("own", same));
    const std::string place = "id, round(ST_Area(geom), 1), round(ST_X(ST_Centroid(geom)), 1)";
    EXPECT_EQ(table("out", place), table("expected", place));
}

}  // namespace
}  // namespace spectile::test
