// The grid that products are warped to, and the way there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "raster/coordinate_operation.hpp"
#include "raster/georeference.hpp"
#include "raster/make_target_grid.hpp"
#include "spectile/error.hpp"
#include "support/raster_files.hpp"

namespace spectile {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::string wkt_of(const std::string& text) {
    const OGRSpatialReference crs = crs_of(text);
    return wkt2_of(&crs);
}

/// 600 x 400 pixels of 10 m, top left corner at 500005, 5800005 in UTM 33N.
Grid utm_grid() {
    Grid grid;
    grid.width = 600;
    grid.height = 400;
    grid.georeference.crs_wkt = wkt_of("EPSG:32633");
    grid.georeference.has_geotransform = true;
    grid.georeference.geotransform = {500005, 10, 0, 5800005, 0, -10};
    return grid;
}

TargetDefinition target_of(const std::string& crs, double resolution) {
    return {crs, resolution, "bilinear", "near", {}};
}

std::string refusal(const Grid& grid, const TargetDefinition& definition, Code code) {
    try {
        make_target_grid(grid, definition, "scene.tif");
    } catch (const Error& error) {
        EXPECT_EQ(exit_code(error.code()), exit_code(code)) << error.what();
        return error.what();
    }
    ADD_FAILURE() << "no refusal";
    return {};
}

TEST(TargetGrid, LinesAreMultiplesOfTheResolution) {
    const auto target = make_target_grid(utm_grid(), target_of("", 30), "scene.tif");
    EXPECT_EQ(target.grid.georeference.geotransform, (std::array<double, 6>{499980, 30, 0, 5800020, 0, -30}));
    EXPECT_EQ(target.grid.width, 201);
    EXPECT_EQ(target.grid.height, 134);
    EXPECT_THAT(target.operation.pipeline, IsEmpty());
    EXPECT_EQ(target.crs_name, "WGS 84 / UTM zone 33N (EPSG:32633)");
    EXPECT_DOUBLE_EQ(target.x_scale, 1.0 / 3);
    EXPECT_DOUBLE_EQ(target.y_scale, 1.0 / 3);
}

TEST(TargetGrid, AGridThatFitsAlreadyStaysAsItIs) {
    Grid grid = utm_grid();
    grid.georeference.geotransform = {500000, 10, 0, 5800000, 0, -10};
    const auto target = make_target_grid(grid, target_of("EPSG:32633", 10), "scene.tif");
    EXPECT_EQ(target.grid.georeference.geotransform, grid.georeference.geotransform);
    EXPECT_EQ(target.grid.width, grid.width);
    EXPECT_EQ(target.grid.height, grid.height);
    EXPECT_EQ(target.x_scale, 1);
}

TEST(TargetGrid, HoldsEveryCornerOfTheScene) {
    const auto grid = utm_grid();
    for (const auto& [crs, side] :
         {std::pair{"EPSG:3035", 25.0}, {"EPSG:4326", 0.0001}, {"EPSG:3857", 16.0}}) {
        const auto target = make_target_grid(grid, target_of(crs, side), "scene.tif");
        const auto& t = target.grid.georeference.geotransform;
        EXPECT_NEAR(t[0] / side, std::round(t[0] / side), 1e-6) << crs;
        EXPECT_NEAR(t[3] / side, std::round(t[3] / side), 1e-6) << crs;
        OGRSpatialReference from = crs_of("EPSG:32633"), to = crs_of(crs);
        const std::unique_ptr<OGRCoordinateTransformation> transformation(
            OGRCreateCoordinateTransformation(&from, &to));
        for (const double col : {0.0, 600.0})
            for (const double row : {0.0, 400.0}) {
                double x = 500005 + 10 * col, y = 5800005 - 10 * row;
                ASSERT_TRUE(transformation->Transform(1, &x, &y));
                const double at_col = (x - t[0]) / t[1], at_row = (y - t[3]) / t[5];
                EXPECT_TRUE(at_col > -1e-3 && at_col < static_cast<double>(target.grid.width) + 1e-3) << crs;
                EXPECT_TRUE(at_row > -1e-3 && at_row < static_cast<double>(target.grid.height) + 1e-3) << crs;
            }
        EXPECT_THAT(target.operation.pipeline, HasSubstr("+proj=utm +zone=33")) << crs;
    }
}

TEST(TargetGrid, WhatLeadsNowhereIsRefused) {
    EXPECT_THAT(refusal(utm_grid(), target_of("EPSG:99999", 10), Code::definition), HasSubstr("is no CRS"));
    EXPECT_THAT(refusal(utm_grid(), target_of("EPSG:4326", 10), Code::definition),
                HasSubstr("resolution: 10 does not fit a scene"));
    EXPECT_THAT(refusal(utm_grid(), target_of("", 1e-7), Code::definition), HasSubstr("does not fit"));
    Grid bare = utm_grid();
    bare.georeference.crs_wkt.clear();
    EXPECT_THAT(refusal(bare, target_of("EPSG:4326", 1e-4), Code::scene), HasSubstr("has no CRS"));
    EXPECT_EQ(make_target_grid(bare, target_of("", 30), "scene.tif").grid.width, 201);
    bare.georeference = {};
    EXPECT_THAT(refusal(bare, target_of("", 30), Code::scene), HasSubstr("needs a geotransform"));
}

TEST(CoordinateOperation, ABallparkIsRefused) {
    Grid grid = utm_grid();
    grid.georeference.crs_wkt = wkt_of("+proj=utm +zone=33 +ellps=bessel +type=crs");
    EXPECT_THAT(refusal(grid, target_of("EPSG:4326", 1e-4), Code::scene), HasSubstr("only a ballpark"));
}

TEST(CoordinateOperation, WithoutItsGridTheBestIsRefusedAndNotReplaced) {
    // Of North America's datums the grids are the better way; few machines have them all.
    const DegreeBox kansas = {-98, 38, -97, 39};
    try {
        const auto operation = choose_operation(wkt_of("EPSG:4267"), wkt_of("EPSG:4269"), kansas, "");
        EXPECT_THAT(operation.grids, testing::Not(IsEmpty()));
    } catch (const Error& error) {
        EXPECT_EQ(exit_code(error.code()), 65);
        EXPECT_THAT(error.what(), HasSubstr("which is not installed; get it with projsync --file "));
    }
}

TEST(CoordinateOperation, NameAccuracyAndGridsAreKnown) {
    const auto shift = choose_operation(wkt_of("EPSG:25833"), wkt_of("EPSG:4326"), {}, "");
    EXPECT_THAT(shift.name, HasSubstr("ETRS89 to WGS 84"));
    ASSERT_TRUE(shift.accuracy);
    EXPECT_EQ(*shift.accuracy, 1);
    EXPECT_THAT(shift.grids, IsEmpty());
    EXPECT_THAT(choose_operation(wkt_of("EPSG:4326"), wkt_of("EPSG:4326"), {}, "").pipeline, IsEmpty());
}

}  // namespace
}  // namespace spectile
