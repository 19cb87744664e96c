// Rasters of other grids in one scene: a warp read window by window is the warp of everything.
#include <gdal_utils.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <memory>

#include "raster/band_names.hpp"
#include "raster/open_scene.hpp"
#include "spectile/error.hpp"
#include "support/raster_files.hpp"
#include "unit/raster/a_scene.hpp"

namespace spectile {
namespace {

using namespace testing_raster;
using testing::ElementsAre;
using testing::HasSubstr;

struct Place {
    int epsg = 32633;
    double left = 500000, top = 5800000, pixel = 10;
};

/// Noise, in which any shift of a window shows.
void make_noise(const std::string& path, int width, int height, const Place& place) {
    auto dataset = make_raster(path, {.width = width, .height = height, .bands = 2});
    std::uint32_t state = 7;
    std::vector<std::uint16_t> values(static_cast<std::size_t>(width * height));
    for (int band = 1; band <= 2; ++band) {
        for (auto& value : values) {
            state = state * 1664525U + 1013904223U;
            value = static_cast<std::uint16_t>(100 + (state >> 20));
        }
        EXPECT_EQ(dataset->GetRasterBand(band)->RasterIO(GF_Write, 0, 0, width, height, values.data(), width,
                                                         height, GDT_UInt16, 0, 0, nullptr),
                  CE_None);
    }
    georeference(*dataset, place.left, place.top, place.pixel);
    OGRSpatialReference crs;
    crs.importFromEPSG(place.epsg);
    EXPECT_EQ(dataset->SetSpatialRef(&crs), CE_None);
}

SceneDefinition pair_of(const Folder& folder, const std::string& resampling) {
    SceneDefinition definition = scene_of_files({folder / "before.tif", folder / "after.tif"});
    definition.change = true;
    definition.resampling = resampling;
    return definition;
}

Cube read(const Scene& scene, const Window& window) {
    std::vector<int> bands;
    for (int i = 0; i < static_cast<int>(scene.info().bands.size()); ++i) bands.push_back(i);
    Cube cube;
    scene.reader()->read(window, bands, cube);
    return cube;
}

/// Pixels of `part` that differ from those of `whole`; invalid ones have no value.
std::int64_t differing(const Cube& part, const Cube& whole) {
    std::int64_t count = 0;
    for (std::int64_t y = 0; y < part.rows(); ++y)
        for (std::int64_t x = 0; x < part.cols(); ++x) {
            const auto a = static_cast<std::size_t>(y * part.cols() + x);
            const auto b = static_cast<std::size_t>((y + part.window.y) * whole.cols() + x + part.window.x);
            bool same = part.valid[a] == whole.valid[b];
            for (int band = 0; same && part.valid[a] && band < part.bands; ++band)
                same = part.band(band)[a] == whole.band(band)[b];
            count += same ? 0 : 1;
        }
    return count;
}

struct Pair {
    const char* name;
    Place after;
    const char* resampling;
};
void PrintTo(const Pair& pair, std::ostream* out) { *out << pair.name; }

class Aligned : public testing::TestWithParam<Pair> {
protected:
    void SetUp() override {
        make_noise(folder / "before.tif", 610, 420, {});
        make_noise(folder / "after.tif", 700, 600, GetParam().after);
    }
    const Folder folder;
};

TEST_P(Aligned, ReadInWindowsItIsTheWarpOfEverything) {
    const auto scene = open_scene(pair_of(folder, GetParam().resampling));
    EXPECT_EQ(scene->info().grid.width, 610);
    EXPECT_EQ(scene->info().bands.size(), 4u);
    const Window all = scene->info().grid.window();
    const Cube whole = read(*scene, all);
    for (const auto& [width, height] : {std::pair{96, 96}, {37, 113}, {610, 1}, {128, 420}})
        for (std::int64_t y = 0; y < all.height; y += height * 2)
            for (std::int64_t x = 0; x < all.width; x += width)
                ASSERT_EQ(differing(read(*scene, intersect({x, y, width, height}, all)), whole), 0)
                    << width << " x " << height << " at " << x << ", " << y;
    EXPECT_GT(std::count(whole.valid.begin(), whole.valid.end(), 1), 90000);
}

/// The same by GDAL's own program, into a file, all at once.
TEST_P(Aligned, IsWhatGdalwarpGivesInOnePiece) {
    const auto scene = open_scene(pair_of(folder, GetParam().resampling));
    const Cube whole = read(*scene, scene->info().grid.window());
    const double scale = GetParam().after.pixel / 10;
    std::vector<std::string> words = {
        "-of",     "GTiff", "-et",  "0",    "-te",    "500000",          "5795800",  "506100",
        "5800000", "-ts",   "610",  "420",  "-t_srs", "EPSG:32633",      "-r",       GetParam().resampling,
        "-wm",     "1000",  "-ovr", "NONE", "-wo",    "SAMPLE_GRID=YES", "-dstalpha"};
    for (const char* axis : {"XSCALE=", "YSCALE="})
        words.insert(words.end(), {"-wo", axis + std::to_string(scale)});
    std::vector<char*> list;
    for (auto& word : words) list.push_back(word.data());
    list.push_back(nullptr);
    auto* options = GDALWarpAppOptionsNew(list.data(), nullptr);
    GDALDatasetH source = GDALOpen((folder / "after.tif").c_str(), GA_ReadOnly);
    Dataset warped(GDALDataset::FromHandle(
        GDALWarp((folder / "warped.tif").c_str(), nullptr, 1, &source, options, nullptr)));
    GDALWarpAppOptionsFree(options);
    GDALClose(source);
    ASSERT_TRUE(warped);
    std::vector<float> expected(whole.pixels()), alpha(whole.pixels());
    const auto plane = [&](int band, std::vector<float>& out) {
        ASSERT_EQ(warped->GetRasterBand(band)->RasterIO(GF_Read, 0, 0, 610, 420, out.data(), 610, 420,
                                                        GDT_Float32, 0, 0, nullptr),
                  CE_None);
    };
    plane(3, alpha);
    for (int band = 0; band < 2; ++band) {
        plane(band + 1, expected);
        std::int64_t differ = 0;
        for (std::size_t i = 0; i < whole.pixels(); ++i) {
            ASSERT_EQ(whole.valid[i] != 0, alpha[i] != 0) << i;
            differ += whole.valid[i] && whole.band(2 + band)[i] != expected[i];
        }
        EXPECT_EQ(differ, 0);
    }
}

INSTANTIATE_TEST_SUITE_P(Pairs, Aligned,
                         testing::Values(Pair{"HalfAPixelOff", {32633, 499915, 5800085, 10}, "bilinear"},
                                         Pair{"Coarser", {32633, 499000, 5801000, 30}, "cubic"},
                                         Pair{"Finer", {32633, 499950, 5800050, 5}, "average"},
                                         Pair{"FinerBilinear", {32633, 499950, 5800050, 5}, "bilinear"},
                                         Pair{"Nearest", {32633, 499915, 5800085, 10}, "near"}),
                         [](const auto& which) { return std::string(which.param.name); });

/// Two zones of UTM: the transformation bends the grid, and the window of a tile is not that of its
/// neighbour.
TEST(AlignedScene, OfAnotherZoneHasNoSeams) {
    const Folder folder;
    make_noise(folder / "before.tif", 610, 420, {});
    // 15 degrees east lies 410 km west of the central meridian of zone 34.
    make_noise(folder / "after.tif", 800, 800, {32634, 90800, 5817800, 10});
    for (const char* resampling : {"bilinear", "cubic", "near"}) {
        const auto scene = open_scene(pair_of(folder, resampling));
        const Window all = scene->info().grid.window();
        const Cube whole = read(*scene, all);
        EXPECT_GT(std::count(whole.valid.begin(), whole.valid.end(), 1), 50000) << resampling;
        for (std::int64_t y = 0; y < all.height; y += 130)
            for (std::int64_t x = 0; x < all.width; x += 75)
                ASSERT_EQ(differing(read(*scene, intersect({x, y, 75, 65}, all)), whole), 0) << resampling;
    }
}

TEST(AlignedScene, BesideTheRasterThereIsNoMeasurement) {
    const Folder folder;
    make_noise(folder / "before.tif", 40, 40, {});
    make_noise(folder / "after.tif", 20, 20, {32633, 500100, 5799900, 10});
    const auto scene = open_scene(pair_of(folder, "near"));
    const Cube cube = read(*scene, scene->info().grid.window());
    EXPECT_EQ(std::count(cube.valid.begin(), cube.valid.end(), 1), 400);
    EXPECT_EQ(cube.valid[10 * 40 + 10], 1);
    EXPECT_EQ(cube.valid[9 * 40 + 10], 0);
}

TEST(AlignedScene, NodataStaysNodata) {
    const Folder folder;
    make_noise(folder / "before.tif", 60, 60, {});
    {
        make_noise(folder / "after.tif", 20, 20, {32633, 500000, 5800000, 30});
        Dataset after(GDALDataset::Open((folder / "after.tif").c_str(), GDAL_OF_UPDATE));
        after->SetDescription((folder / "after.tif").c_str());
        for (int band = 1; band <= 2; ++band) after->GetRasterBand(band)->SetNoDataValue(0);
        set_pixel(*after, 0, 5, 5, 0);
    }
    const auto scene = open_scene(pair_of(folder, "near"));
    EXPECT_EQ(scene->info().bands[2].nodata, 0);
    const Cube cube = read(*scene, scene->info().grid.window());
    EXPECT_EQ(std::count(cube.valid.begin(), cube.valid.end(), 0), 9) << "one pixel of 30 m is nine of 10 m";
    EXPECT_EQ(cube.valid[16 * 60 + 16], 0);
}

std::string refusal(const SceneDefinition& definition) {
    try {
        open_scene(definition);
    } catch (const Error& error) {
        return error.what();
    }
    return "it opened";
}

TEST(AlignedScene, WithoutARuleUnequalGridsAreRefused) {
    const Folder folder;
    make_noise(folder / "before.tif", 40, 40, {});
    make_noise(folder / "after.tif", 40, 40, {32633, 500005, 5800000, 10});
    EXPECT_THAT(refusal(pair_of(folder, "")),
                testing::AllOf(HasSubstr("after.tif is not on the grid of"), HasSubstr("scene.resampling")));
    EXPECT_EQ(refusal(pair_of(folder, "near")), "it opened");
}

TEST(AlignedScene, WithoutGeoreferenceThereIsNoWay) {
    const Folder folder;
    make_noise(folder / "before.tif", 40, 40, {});
    make_raster(folder / "after.tif", {.width = 30, .height = 30, .bands = 2});
    EXPECT_THAT(refusal(pair_of(folder, "near")),
                HasSubstr("after.tif: is georeferenced by none, and resampling needs a geotransform"));
}

TEST(AlignedScene, AStackTakesTheGridOfTheSmallestPixels) {
    const Folder folder;
    for (const auto& [name, pixel] : {std::pair{"P_B01", 60.0}, {"P_B02", 10.0}, {"P_B05", 20.0}}) {
        const int side = static_cast<int>(240 / pixel);
        georeference(
            *make_raster(folder / (std::string(name) + ".tif"), {.width = side, .height = side, .bands = 1}),
            500000, 5800000, pixel);
    }
    auto definition = scene_of_files({folder / "P_B01.tif", folder / "P_B02.tif", folder / "P_B05.tif"});
    EXPECT_THAT(refusal(definition), HasSubstr("is not on the grid of"));
    definition.resampling = "near";
    const auto scene = open_scene(definition);
    EXPECT_EQ(scene->info().grid.width, 24);
    EXPECT_EQ(scene->info().grid.georeference.geotransform[1], 10);
    std::vector<std::string> names;
    for (const auto& band : scene->info().bands) names.push_back(band.name);
    EXPECT_THAT(names, ElementsAre("B01", "B02", "B05"));
    const Cube cube = read(*scene, scene->info().grid.window());
    for (int y = 0; y < 24; ++y)
        for (int x = 0; x < 24; ++x) {
            const auto at = static_cast<std::size_t>(y * 24 + x);
            ASSERT_EQ(cube.band(0)[at], pixel_value(0, x / 6, y / 6));
            ASSERT_EQ(cube.band(1)[at], pixel_value(0, x, y));
            ASSERT_EQ(cube.band(2)[at], pixel_value(0, x / 2, y / 2));
        }
}

TEST(AlignedScene, APreviewIsEveryNthPixelOfTheAlignedScene) {
    const Folder folder;
    make_noise(folder / "before.tif", 200, 200, {});
    make_noise(folder / "after.tif", 80, 80, {32633, 499900, 5800100, 30});
    auto definition = pair_of(folder, "near");
    const auto scene = open_scene(definition);
    const Cube whole = read(*scene, scene->info().grid.window());
    definition.preview = 50;
    const auto preview = open_scene(definition);
    ASSERT_EQ(preview->info().grid.width, 50);
    const Cube thin = read(*preview, preview->info().grid.window());
    EXPECT_EQ(std::count(thin.valid.begin(), thin.valid.end(), 1), 2500);
    EXPECT_EQ(thin.bands, whole.bands);
}

TEST(BandNames, AreReadOffFileNames) {
    EXPECT_EQ(band_of_file_name("/s2/S2A_MSIL2A_20170617T113321_36_85_B8A.tif"), "B8A");
    EXPECT_EQ(band_of_file_name("T32UQD_20200101T101031_B02_10m.jp2"), "B02");
    EXPECT_EQ(band_of_file_name("LC08_L2SP_193023_20200401_02_T1_SR_B5.TIF"), "B5");
    EXPECT_EQ(band_of_file_name("BASE_B123.tif"), "");
    EXPECT_EQ(band_of_file_name("scene.tif"), "");
}

TEST(BandNames, MayBeGiven) {
    const Folder folder;
    georeference(*make_raster(folder / "a.tif", {.bands = 3}));
    auto definition = scene_of(folder / "a.tif");
    definition.band_names = {"blue", "green", "red"};
    definition.bands = {3, 1};
    const auto scene = open_scene(definition);
    EXPECT_EQ(scene->info().bands[0].name, "red");
    EXPECT_EQ(scene->info().bands[1].name, "blue");
    definition.band_names = {"red"};
    EXPECT_THAT(refusal(definition), HasSubstr("1 names for 2 bands; give one per band"));
}

/// What GDAL's driver for Sentinel-2 products says of its bands, in a VRT: none of its products is here.
TEST(BandNames, OfSentinel2ProductsComeWithWavelengthsAndWithMapsAmongThem) {
    const Folder folder;
    {
        auto dataset = make_raster(folder / "s2.tif", {.bands = 2});
        GDALRasterBand& red = *dataset->GetRasterBand(1);
        red.SetDescription("B4, central wavelength 665 nm");
        for (const auto& [key, value] : {std::pair{"BANDNAME", "B4"},
                                         {"WAVELENGTH", "665"},
                                         {"WAVELENGTH_UNIT", "nm"},
                                         {"BANDWIDTH", "30"},
                                         {"BANDWIDTH_UNIT", "nm"}})
            red.SetMetadataItem(key, value);
        dataset->GetRasterBand(2)->SetDescription("SCL, Scene Classification");
        dataset->GetRasterBand(2)->SetMetadataItem("BANDNAME", "SCL");
    }
    const auto bands = info_of(folder / "s2.tif").bands;
    EXPECT_EQ(bands[0].name, "B4");
    EXPECT_EQ(bands[0].wavelength_nm, 665);
    EXPECT_EQ(bands[1].name, "SCL");
    EXPECT_FALSE(bands[1].wavelength_nm);
}

/// Real patches: bands of 10, 20 and 60 m.
TEST(AlignedScene, ABigEarthNetPatchIsOneScene) {
    const std::filesystem::path root = SPECTILE_SOURCE_DIR "/../shared/data/bigearthnet_tiny/s2";
    if (!std::filesystem::exists(root)) GTEST_SKIP() << root << " is not there";
    const auto patch = root / "S2A_MSIL2A_20180510T94033_19_86";
    SceneDefinition definition;
    for (const char* band : {"01", "02", "03", "04", "05", "06", "07", "08", "8A", "09", "11", "12"})
        definition.paths.push_back((patch / (patch.filename().string() + "_B" + band + ".tif")).string());
    definition.resampling = "bilinear";
    const auto scene = open_scene(definition);
    EXPECT_EQ(scene->info().grid.width, 120);
    EXPECT_EQ(scene->info().bands[8].name, "B8A");
    const Cube cube = read(*scene, scene->info().grid.window());
    EXPECT_TRUE(std::all_of(cube.valid.begin(), cube.valid.end(), [](auto valid) { return valid == 1; }));
}

}  // namespace
}  // namespace spectile
