// What docs/formats.md says was tried: every format of scenes and products that GDAL has here.
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
using testing::IsEmpty;

/// Whether this GDAL can create with the driver, in its own words: "(rw+vs)", "(wv)".
bool writes(const std::string& driver, const std::string& program = "gdalinfo") {
    const std::string list = run({program, "--formats"}).out;
    const auto line = list.find("\n  " + driver + " -");
    return line != std::string::npos &&
           list.substr(line, list.find('\n', line + 1) - line).find('w') != std::string::npos;
}

class Formats : public testing::Test {
protected:
    Formats() {
        folder.write("identity/model.yaml", "spectile: 1\narchitecture: identity\n");
        EXPECT_EQ(run({built("examples/simulate_scene"), folder / "scene", "--size", "150x130"}).status, 0);
        translate("scene.dat", "in.tif", {"-b", "20", "-b", "40", "-a_nodata", "-9999"});
        translate("in.tif", "one.tif", {"-b", "1"});
    }
    void translate(const std::string& from, const std::string& to, std::vector<std::string> options) const {
        options.insert(options.begin(), {"gdal_translate", "-q"});
        options.insert(options.end(), {folder / from, folder / to});
        gdal(options);
    }
    std::string definition(const std::string& scene, const std::string& product) const {
        return folder.write("p.yaml", "spectile: 1\nscene: {path: '" + scene +
                                          "'}\nmodel: identity\nproducts:\n  bands: " + product + "\n");
    }
    void expect_same(const std::string& expected, const std::string& got) const {
        const auto before = gdalinfo(folder / expected), after = gdalinfo(folder / got);
        EXPECT_EQ(before["size"], after["size"]) << got;
        for (int i = 0; i < 6; ++i)
            EXPECT_NEAR(before["geoTransform"][i].get<double>(), after["geoTransform"][i].get<double>(), 1e-6)
                << got;
        EXPECT_EQ(crs(folder / expected), crs(folder / got)) << got;
        EXPECT_EQ(checksums(folder / expected), checksums(folder / got)) << got;
        EXPECT_EQ(after["bands"][0]["noDataValue"], -9999.0) << got;
    }
    const Folder folder;
};

class SceneFormat : public Formats,
                    public testing::WithParamInterface<std::pair<const char*, const char*>> {};

TEST_P(SceneFormat, IsReadAsItIs) {
    const auto [driver, file] = GetParam();
    if (!writes(driver)) GTEST_SKIP() << "this GDAL has no " << driver << " to make a scene with";
    translate("one.tif", file, {"-of", driver});
    const auto outcome = run_spectile({"run", definition(file, "out.tif")});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    expect_same("one.tif", "out.tif");
}

INSTANTIATE_TEST_SUITE_P(Gdal, SceneFormat,
                         testing::Values(std::pair{"COG", "a.tif"}, std::pair{"GTiff", "b.tif"},
                                         std::pair{"ENVI", "c.dat"}, std::pair{"VRT", "d.vrt"},
                                         std::pair{"Zarr", "e.zarr"}, std::pair{"netCDF", "f.nc"}),
                         [](const auto& tested) { return std::string(tested.param.first); });

class ProductFormat : public Formats,
                      public testing::WithParamInterface<std::pair<const char*, const char*>> {};

TEST_P(ProductFormat, IsWrittenTwiceAlikeAndVerified) {
    const auto [driver, file] = GetParam();
    if (!writes(driver)) GTEST_SKIP() << "this GDAL does not write " << driver;
    const std::string product = std::string("{path: ") + file + ", format: " + driver + "}";
    for (int round = 0; round < 2; ++round) {
        const auto outcome = run_spectile({"run", definition("one.tif", product), "--overwrite"});
        ASSERT_EQ(outcome.status, 0) << outcome.err;
        expect_same("one.tif", file);
        EXPECT_EQ(run_spectile({"verify", folder / file}).status, 0);
        fs::copy(folder / (std::string(file) + ".spectile.json"), folder / ("round" + std::to_string(round)));
    }
    EXPECT_EQ(text_of(folder / "round0"), text_of(folder / "round1"));
}

INSTANTIATE_TEST_SUITE_P(Gdal, ProductFormat,
                         testing::Values(std::pair{"COG", "a.tif"}, std::pair{"GTiff", "b.tif"},
                                         std::pair{"ENVI", "c.dat"}, std::pair{"Zarr", "e.zarr"},
                                         std::pair{"netCDF", "f.nc"}),
                         [](const auto& tested) { return std::string(tested.param.first); });

TEST_P(ProductFormat, HoldsClassNames) {
    const auto [driver, file] = GetParam();
    if (!writes(driver)) GTEST_SKIP() << "this GDAL does not write " << driver;
    translate("scene.dat", "small.dat", {"-of", "ENVI", "-srcwin", "0", "0", "40", "30"});
    const auto outcome = run_spectile(
        {"run",
         folder.write("c.yaml",
                      "spectile: 1\nscene: {path: small.dat, scale: 0.0001}\nmodel: " SPECTILE_SOURCE_DIR
                      "/models/enmap-landcover\nproducts:\n  class_map: {path: map_" +
                          std::string(file) + ", format: " + driver + "}\n")});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const std::string info = run({"gdalinfo", folder / ("map_" + std::string(file))}).out;
    // netCDF and Zarr keep them as an attribute only.
    if (std::string(driver) == "netCDF" || std::string(driver) == "Zarr")
        EXPECT_THAT(info, testing::ContainsRegex("SPECTILE_CLASSES=.*6.*:.*water"));
    else
        EXPECT_THAT(info, HasSubstr("6: water"));
}

TEST_F(Formats, VrtIsNoProduct) {
    const auto outcome = run_spectile({"run", definition("one.tif", "{path: out.vrt, format: VRT}")});
    EXPECT_EQ(outcome.status, 78);
    EXPECT_THAT(outcome.err, HasSubstr("format 'VRT' holds no pixels of its own"));
}

TEST_F(Formats, ZarrOfSeveralBandsIsRefusedAndLeavesNothing) {
    if (!writes("Zarr")) GTEST_SKIP() << "this GDAL does not write Zarr";
    const auto outcome = run_spectile({"run", definition("in.tif", "{path: out.zarr, format: Zarr}")});
    EXPECT_NE(outcome.status, 0);
    EXPECT_EQ(outcome.messages().size(), 1u) << outcome.err;
    EXPECT_FALSE(fs::exists(folder / "out.zarr"));
}

TEST_F(Formats, ArchivesAreReadInPlace) {
    const auto at = [&](const std::string& name) { return folder / name; };
    for (const auto& command :
         {std::vector<std::string>{"sh", "-c", "cd '" + at("") + "' && python3 -m zipfile -c in.zip in.tif"},
          {"tar", "-cf", at("in.tar"), "-C", at(""), "in.tif"},
          {"sh", "-c", "gzip -c '" + at("in.tif") + "' > '" + at("in.tif.gz") + "'"}}) {
        const auto made = run(command);
        if (made.status == 127) GTEST_SKIP() << "no " << command.front() << " to make an archive with";
        ASSERT_EQ(made.status, 0) << made.err;
    }
    for (const std::string& scene : {"/vsizip/" + at("in.zip") + "/in.tif",
                                     "/vsitar/" + at("in.tar") + "/in.tif", "/vsigzip/" + at("in.tif.gz")}) {
        const auto outcome = run_spectile({"run", definition(scene, "out.tif"), "--overwrite"});
        ASSERT_EQ(outcome.status, 0) << scene << outcome.err;
        expect_same("in.tif", "out.tif");
    }
}

TEST_F(Formats, StandardInputIsAScene) {
    const std::string pipeline = definition("/vsistdin/", "out.tif");
    const auto piped = [&](const std::string& input) {
        return run({"sh", "-c",
                    input + " | TMPDIR='" + (folder / "") + "' '" + built("spectile") + "' run '" + pipeline +
                        "' --threads 2"});
    };
    const auto outcome = piped("cat '" + (folder / "in.tif") + "'");
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    expect_same("in.tif", "out.tif");
    const auto again = piped("cat '" + (folder / "in.tif") + "'");
    EXPECT_EQ(again.status, 0) << again.err;
    EXPECT_EQ(piped("cat '" + (folder / "one.tif") + "'").status, 73) << "other pixels are another recipe";
    const auto empty = piped("true");
    EXPECT_EQ(empty.status, 66);
    EXPECT_THAT(empty.err, HasSubstr("standard input is empty"));
    for (const auto& name : folder.names()) EXPECT_FALSE(name.starts_with("spectile-stdin")) << name;
}

class VectorFormat : public Formats,
                     public testing::WithParamInterface<std::pair<const char*, const char*>> {};

TEST_P(VectorFormat, HoldsDetections) {
    const auto [driver, extension] = GetParam();
    if (!writes(driver, "ogrinfo")) GTEST_SKIP() << "this GDAL has no " << driver;
    ASSERT_EQ(run({built("tests/make_network"), folder / "model", "mim_istd"}).status, 0);
    translate("scene.dat", "one.dat", {"-of", "ENVI", "-b", "60"});
    const std::string file = std::string("targets") + extension;
    const auto outcome =
        run_spectile({"run", folder.write("d.yaml",
                                          "spectile: 1\nscene: {path: one.dat}\nmodel: model\nproducts:\n"
                                          "  detections: {path: " +
                                              file + ", threshold: 0.45}\n")});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto info = run({"ogrinfo", "-al", "-so", folder / file});
    EXPECT_EQ(info.status, 0);
    EXPECT_THAT(info.out, HasSubstr("area_px"));
    EXPECT_THAT(info.out, testing::Not(HasSubstr("Feature Count: 0")));
    EXPECT_EQ(run_spectile({"verify", folder / file}).status, 0);
}

INSTANTIATE_TEST_SUITE_P(Gdal, VectorFormat,
                         testing::Values(std::pair{"GPKG", ".gpkg"}, std::pair{"GeoJSON", ".geojson"},
                                         std::pair{"FlatGeobuf", ".fgb"}, std::pair{"Parquet", ".parquet"}),
                         [](const auto& tested) { return std::string(tested.param.first); });

TEST_F(Formats, OptionsThatChangePixelsAreInTheRecipe) {
    const std::string pipeline = definition("one.tif", "out.tif");
    const auto with = [&](const std::string& option) {
        return run({"env", option, built("spectile"), "run", pipeline});
    };
    ASSERT_EQ(run_spectile({"run", pipeline}).status, 0);
    EXPECT_EQ(with("GDAL_NUM_THREADS=2").status, 0);
    EXPECT_EQ(with("CPL_DEBUG=OFF").status, 0);
    const auto refused = with("GTIFF_POINT_GEO_IGNORE=TRUE");
    EXPECT_EQ(refused.status, 73) << refused.err;
    EXPECT_THAT(refused.err, HasSubstr("another recipe"));
    const auto flagged = run_spectile({"run", pipeline, "--config", "GTIFF_POINT_GEO_IGNORE=TRUE"});
    EXPECT_EQ(flagged.status, 73);
    // A run that was begun is not gone on with.
    ASSERT_EQ(run_spectile({"run", pipeline, "--overwrite", "--keep"}).status, 0);
    fs::remove(folder / "out.tif");
    const auto resumed = with("GDAL_JPEG_TO_RGB=NO");
    EXPECT_EQ(resumed.status, 78) << resumed.err;
    EXPECT_THAT(resumed.err, HasSubstr("changed: gdal options"));
}

}  // namespace
}  // namespace spectile::test
