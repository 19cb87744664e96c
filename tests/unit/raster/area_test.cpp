// Areas of interest, masks and labels.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "raster/aoi.hpp"
#include "raster/labels.hpp"
#include "raster/open_scene.hpp"
#include "spectile/error.hpp"
#include "support/raster_files.hpp"

namespace spectile {
namespace {

using namespace testing_raster;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

/// A scene of 600 x 400 pixels of 10 m, top left corner at 500000, 5800000 in UTM 33N.
std::string large_scene(const Folder& folder) {
    georeference(
        *make_raster(folder / "scene.tif", {.width = 600, .height = 400, .bands = 1, .type = GDT_Byte}));
    return folder / "scene.tif";
}

std::string polygon_json(const std::string& ring, const std::string& properties = "{}") {
    return R"({"type":"Feature","properties":)" + properties +
           R"(,"geometry":{"type":"Polygon","coordinates":[[)" + ring + "]]}}";
}

std::string collection(const std::string& features, const std::string& epsg = "32633") {
    return R"({"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::)" +
           epsg + R"("}},"features":[)" + features + "]}";
}

std::vector<std::uint8_t> valid_of(const Scene& scene, const Window& window) {
    Cube cube;
    const int band = 0;
    scene.reader()->read(window, {&band, 1}, cube);
    return cube.valid;
}

std::int64_t count(const std::vector<std::uint8_t>& valid) {
    return std::count(valid.begin(), valid.end(), 1);
}

TEST(Aoi, AWindowIsClipped) {
    const Folder folder;
    SceneDefinition definition;
    definition.paths = {large_scene(folder)};
    definition.aoi.window = Window{590, 390, 50, 50};
    const auto scene = open_scene(definition);
    EXPECT_EQ(aoi_extent(*scene, definition.aoi), (Window{590, 390, 10, 10}));
    EXPECT_EQ(count(valid_of(*scene, scene->info().grid.window())), 100);
    EXPECT_FALSE(scene->may_be_valid({0, 0, 500, 390}));
    EXPECT_EQ(aoi_extent(*scene, {}), scene->info().grid.window());
}

TEST(Aoi, ABoxTakesPixelsByTheirCentres) {
    const Folder folder;
    SceneDefinition definition;
    definition.paths = {large_scene(folder)};
    definition.aoi.bbox = {500100.0000001, 5799904, 500206, 5799950};  // Columns 10 to 20, rows 5 to 9.
    const auto scene = open_scene(definition);
    EXPECT_EQ(aoi_extent(*scene, definition.aoi), (Window{10, 5, 11, 5}));
    EXPECT_EQ(count(valid_of(*scene, scene->info().grid.window())), 55);
}

TEST(Aoi, ABoxInAnotherCrsIsBentInto) {
    const Folder folder;
    SceneDefinition definition;
    definition.paths = {large_scene(folder)};
    definition.aoi.bbox = {15.0, 52.32, 15.02, 52.34};  // Longitude first.
    definition.aoi.bbox_crs = "EPSG:4326";
    const auto scene = open_scene(definition);
    const Window extent = aoi_extent(*scene, definition.aoi);
    EXPECT_GT(extent.width, 100);
    EXPECT_LT(extent.width, 160);  // 0.02 degrees at 52 N are 1363 m.
    EXPECT_EQ(extent.x, 0);        // 15 E is 500000 m.
    const auto valid = valid_of(*scene, extent);
    EXPECT_GT(count(valid), extent.area() * 9 / 10);
}

TEST(Aoi, PolygonsDoNotDependOnTheWindow) {
    const Folder folder;
    write_text(
        folder / "a.geojson",
        collection(
            polygon_json(
                "[500333.3,5799771.1],[505432.1,5799123.4],[503210.9,5796543.2],[500333.3,5799771.1]") +
            "," +
            polygon_json(
                "[500005,5799995],[500035,5799995],[500035,5799965],[500005,5799965],[500005,5799995]")));
    SceneDefinition definition;
    definition.paths = {large_scene(folder)};
    definition.aoi.vector = folder / "a.geojson";
    const auto scene = open_scene(definition);
    const auto whole = valid_of(*scene, scene->info().grid.window());
    EXPECT_GT(count(whole), 5000);
    for (const Window& w :
         {Window{0, 0, 7, 9}, Window{200, 37, 333, 251}, Window{255, 255, 2, 2}, Window{31, 20, 1, 300}}) {
        const auto part = valid_of(*scene, w);
        for (std::int64_t y = 0; y < w.height; ++y)
            for (std::int64_t x = 0; x < w.width; ++x)
                ASSERT_EQ(part[static_cast<std::size_t>(y * w.width + x)],
                          whole[static_cast<std::size_t>((w.y + y) * 600 + w.x + x)]);
    }
    EXPECT_THAT(scene->info().files, testing::Contains(folder / "a.geojson"));
}

TEST(Aoi, APolygonInDegreesIsReprojected) {
    const Folder folder;
    write_text(
        folder / "a.geojson",
        collection(polygon_json("[15.01,52.33],[15.02,52.33],[15.02,52.34],[15.01,52.34],[15.01,52.33]"),
                   "4326"));
    SceneDefinition definition;
    definition.paths = {large_scene(folder)};
    definition.aoi.vector = folder / "a.geojson";
    const auto scene = open_scene(definition);
    const Window extent = aoi_extent(*scene, definition.aoi);
    EXPECT_NEAR(static_cast<double>(extent.x), 68, 1);
    EXPECT_NEAR(static_cast<double>(extent.width), 69, 2);
}

TEST(Aoi, AnAreaElsewhereIsAnError) {
    const Folder folder;
    SceneDefinition definition;
    definition.paths = {large_scene(folder)};
    definition.aoi.bbox = {0, 0, 10, 10};
    try {
        open_scene(definition);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::scene);
        EXPECT_THAT(error.what(), HasSubstr("holds no pixel"));
    }
    definition.aoi = {};
    definition.aoi.vector = folder / "points.geojson";
    write_text(
        definition.aoi.vector,
        collection(
            R"({"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[500015,5799985]}})"));
    EXPECT_THROW(open_scene(definition), Error);
    definition.aoi = {};
    definition.aoi.bbox = {5, 5, 1, 1};
    EXPECT_THROW(open_scene(definition), Error);
}

TEST(Mask, ARasterOfZeros) {
    const Folder folder;
    make_raster(folder / "a.tif", {.width = 4, .height = 1});
    {
        const auto mask =
            make_raster(folder / "m.tif", {.width = 4, .height = 1, .bands = 1, .type = GDT_Byte});
        set_pixel(*mask, 0, 2, 0, 0);
        make_raster(folder / "wrong.tif", {.width = 5, .height = 1, .bands = 1});
    }
    SceneDefinition definition;
    definition.paths = {folder / "a.tif"};
    definition.mask = folder / "m.tif";
    const auto scene = open_scene(definition);
    EXPECT_THAT(valid_of(*scene, {0, 0, 4, 1}), ElementsAre(1, 1, 0, 1));
    EXPECT_THAT(scene->info().files, testing::Contains(folder / "m.tif"));
    definition.mask = folder / "wrong.tif";
    EXPECT_THROW(open_scene(definition), Error);
}

TEST(Mask, AVector) {
    const Folder folder;
    write_text(folder / "m.geojson",
               collection(polygon_json(
                   "[500000,5800000],[500020,5800000],[500020,5799990],[500000,5799990],[500000,5800000]")));
    SceneDefinition definition;
    definition.paths = {large_scene(folder)};
    definition.mask = folder / "m.geojson";
    const auto scene = open_scene(definition);
    EXPECT_THAT(valid_of(*scene, {0, 0, 4, 2}), ElementsAre(1, 1, 0, 0, 0, 0, 0, 0));
}

Grid grid_of(const std::string& path) {
    SceneDefinition definition;
    definition.paths = {path};
    return open_scene(definition)->info().grid;
}

TEST(Labels, ARasterOnTheGrid) {
    const Folder folder;
    const Grid grid = grid_of(large_scene(folder));
    {
        const auto labels =
            make_raster(folder / "l.tif", {.width = 600, .height = 400, .bands = 1, .type = GDT_Byte});
        georeference(*labels);
        labels->GetRasterBand(1)->SetNoDataValue(255);
        set_pixel(*labels, 0, 11, 10, 255);
    }
    LabelReader reader(grid, {.path = folder / "l.tif", .attribute = "", .ignore = -1}, {});
    EXPECT_THAT(reader.read({10, 10, 3, 1}), ElementsAre(static_cast<int>(pixel_value(0, 10, 10)), -1,
                                                         static_cast<int>(pixel_value(0, 12, 10))));
    EXPECT_THROW(reader.read({599, 0, 2, 1}), Error);
}

TEST(Labels, ARasterOnAnotherGridIsTheNearestPixel) {
    const Folder folder;
    const Grid grid = grid_of(large_scene(folder));
    georeference(*make_raster(folder / "l.tif", {.width = 100, .height = 100, .bands = 2, .type = GDT_Byte}),
                 500000, 5800000, 20);
    LabelReader reader(grid, {.path = folder / "l.tif", .attribute = "", .ignore = 0}, {});
    const auto whole = reader.read({0, 0, 600, 400});
    for (const auto& [x, y] : {std::pair{0, 0}, {1, 1}, {2, 0}, {57, 31}, {199, 199}})
        EXPECT_EQ(whole[static_cast<std::size_t>(y * 600 + x)], pixel_value(0, x / 2, y / 2))
            << x << " " << y;
    EXPECT_EQ(whole[201], 0);
    const auto part = reader.read({37, 11, 50, 20});
    for (int y = 0; y < 20; ++y)
        for (int x = 0; x < 50; ++x)
            ASSERT_EQ(part[static_cast<std::size_t>(y * 50 + x)],
                      whole[static_cast<std::size_t>((11 + y) * 600 + 37 + x)]);
}

TEST(Labels, ARasterInAnotherCrsIsReprojectedThePartLikeTheWhole) {
    const Folder folder;
    const Grid grid = grid_of(large_scene(folder));
    {
        const auto labels =
            make_raster(folder / "l.tif", {.width = 300, .height = 300, .bands = 1, .type = GDT_UInt16});
        double transform[6] = {15.0, 0.0003, 0, 52.35, 0, -0.0002};
        labels->SetGeoTransform(transform);
        OGRSpatialReference crs;
        crs.importFromEPSG(4326);
        labels->SetSpatialRef(&crs);
    }
    LabelReader reader(grid, {.path = folder / "l.tif", .attribute = "", .ignore = 7}, {});
    const auto whole = reader.read({0, 0, 600, 400});
    EXPECT_GT(std::count_if(whole.begin(), whole.end(), [](int v) { return v != 7; }), 100000);
    const auto part = reader.read({101, 77, 99, 55});
    for (int y = 0; y < 55; ++y)
        for (int x = 0; x < 99; ++x)
            ASSERT_EQ(part[static_cast<std::size_t>(y * 99 + x)],
                      whole[static_cast<std::size_t>((77 + y) * 600 + 101 + x)]);
}

TEST(Labels, PolygonsAndPointsByNameOrNumber) {
    const Folder folder;
    const Grid grid = grid_of(large_scene(folder));
    const std::string square =
        "[500000,5800000],[500030,5800000],[500030,5799990],[500000,5799990],[500000,5800000]";
    write_text(
        folder / "l.geojson",
        collection(
            polygon_json(square, R"({"class":"Water"})") + "," +
            R"({"type":"Feature","properties":{"class":"tree"},"geometry":{"type":"Point","coordinates":[500015,5799995]}},)"
            R"({"type":"Feature","properties":{"class":"12"},"geometry":{"type":"Point","coordinates":[500045,5799995]}},)"
            R"({"type":"Feature","properties":{"class":null},"geometry":{"type":"Point","coordinates":[500025,5799995]}})"));
    const std::vector<ClassInfo> classes = {{3, "water", {}}, {5, "tree", {}}};
    LabelReader reader(grid, {.path = folder / "l.geojson", .attribute = "class", .ignore = 0}, classes);
    EXPECT_THAT(reader.read({0, 0, 6, 1}), ElementsAre(3, 5, 3, 0, 12, 0));
    EXPECT_THAT(reader.read({0, 1, 6, 1}), Each(0));
}

TEST(Labels, WhatCannotBeMappedIsNamed) {
    const Folder folder;
    const Grid grid = grid_of(large_scene(folder));
    write_text(
        folder / "l.geojson",
        collection(
            R"({"type":"Feature","properties":{"class":"lava"},"geometry":{"type":"Point","coordinates":[500015,5799995]}})"));
    const std::vector<ClassInfo> classes = {{3, "water", {}}};
    const auto message = [&](const std::string& attribute) -> std::string {
        try {
            LabelReader(grid, {.path = folder / "l.geojson", .attribute = attribute, .ignore = 0}, classes);
        } catch (const Error& error) {
            return error.what();
        }
        return "";
    };
    EXPECT_THAT(message("class"), testing::AllOf(HasSubstr("lava"), HasSubstr("water")));
    EXPECT_THAT(message("kind"), testing::AllOf(HasSubstr("kind"), HasSubstr("class")));
    EXPECT_THAT(message(""), HasSubstr("attribute"));
}

}  // namespace
}  // namespace spectile
