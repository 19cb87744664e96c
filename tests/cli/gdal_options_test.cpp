#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

using testing::HasSubstr;

/// The options that are spelt as in GDAL's own programs, against what those programs make.
class GdalOptions : public testing::Test {
protected:
    GdalOptions() {
        folder.write("identity/model.yaml", "spectile: 1\narchitecture: identity\n");
        EXPECT_EQ(run({built("examples/simulate_scene"), folder / "scene", "--size", "150x130"}).status, 0);
        translate("in.tif", {"-b", "20", "-b", "40", folder / "scene.dat"});
        definition = folder.write("p.yaml",
                                  "spectile: 1\nscene: {path: in.tif}\nmodel: identity\nproducts:\n  bands: "
                                  "{path: out.tif}\n");
    }
    void translate(const std::string& to, std::vector<std::string> options) {
        options.insert(options.begin(), {"gdal_translate", "-q"});
        options.push_back(folder / to);
        gdal(options);
    }
    Outcome run_with(std::vector<std::string> options) {
        options.insert(options.begin(), {"run", definition});
        return run_spectile(options);
    }
    void expect_same_window(const std::string& expected, const std::string& product) {
        const auto before = gdalinfo(folder / expected), after = gdalinfo(folder / product);
        EXPECT_EQ(before["size"], after["size"]);
        EXPECT_EQ(before["geoTransform"], after["geoTransform"]);
        EXPECT_EQ(checksums(folder / expected), checksums(folder / product));
    }
    const Folder folder;
    std::string definition;
};

TEST_F(GdalOptions, BoxInTheScenesCoordinatesEqualsProjwin) {
    translate("expected.tif", {"-projwin", "360600", "5819400", "362400", "5817000", folder / "in.tif"});
    const auto outcome = run_with({"--bbox", "360600,5817000,362400,5819400"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    expect_same_window("expected.tif", "out.tif");
}

TEST_F(GdalOptions, BoxInDegreesIsLongitudeFirstWhateverTheAuthoritySays) {
    translate("expected.tif", {"-projwin", "12.95", "52.505", "12.97", "52.49", "-projwin_srs", "EPSG:4326",
                               folder / "in.tif"});
    const auto outcome = run_with({"--bbox", "12.95,52.49,12.97,52.505", "--bbox-crs", "EPSG:4326"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto expected = gdalinfo(folder / "expected.tif"), product = gdalinfo(folder / "out.tif");
    // GDAL keeps pixels that a corner lies in, spectile those whose centres lie in the box.
    for (const int axis : {0, 1}) {
        EXPECT_NEAR(product["size"][axis].get<int>(), expected["size"][axis].get<int>(), 3);
        const int origin = axis == 0 ? 0 : 3;
        EXPECT_NEAR(product["geoTransform"][origin].get<double>(),
                    expected["geoTransform"][origin].get<double>(), 60);
    }
}

TEST_F(GdalOptions, BoxBesideTheSceneIsRefused) {
    const auto outcome = run_with({"--bbox", "100000,5817000,100600,5819400"});
    EXPECT_EQ(outcome.status, 65);
    EXPECT_THAT(outcome.err, HasSubstr("the area of interest holds no pixel of the scene"));
    EXPECT_FALSE(std::filesystem::exists(folder / "out.tif"));
}

TEST_F(GdalOptions, FormatOfTheProductIsGdalsDriver) {
    const auto outcome = run_with({"--of", "ENVI", "--set", "products.bands.path=out.dat"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(gdalinfo(folder / "out.dat")["driverShortName"], "ENVI");
    expect_same_window("in.tif", "out.dat");
}

TEST_F(GdalOptions, OpenOptionReachesTheScenesDriver) {
    const auto outcome = run_with({"--oo", "GEOREF_SOURCES=NONE"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_FALSE(gdalinfo(folder / "out.tif").contains("geoTransform"));
    EXPECT_EQ(checksums(folder / "in.tif"), checksums(folder / "out.tif"));
}

TEST_F(GdalOptions, ConfigurationReachesGdal) {
    const auto outcome = run_with({"--of", "GTiff", "--config", "GDAL_TIFF_ENDIANNESS=BIG"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(text_of(folder / "out.tif").substr(0, 2), "MM");
}

TEST_F(GdalOptions, DataTypeIsThatOfProductsWhichLetItBeChosen) {
    const auto refused = run_with({"--ot", "Float32"});
    EXPECT_EQ(refused.status, 78);
    EXPECT_THAT(refused.err, HasSubstr("products.bands: unknown key 'type'"));
    const auto outcome = run_spectile(
        {"run",
         folder.write("q.yaml", "spectile: 1\nscene: {path: scene.dat}\nmodel: " SPECTILE_SOURCE_DIR
                                "/models/enmap-landcover\nproducts:\n  probabilities: {path: p.tif}\n"),
         "--ot", "Byte"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(gdalinfo(folder / "p.tif")["bands"][0]["type"], "Byte");
}

}  // namespace
}  // namespace spectile::test
