#include "spectile/grid.hpp"

#include <gtest/gtest.h>

#include "spectile/error.hpp"

namespace spectile {
namespace {

TEST(Crop, ShiftsRotatedGeotransformsByWholePixels) {
    Grid grid{100, 80, {}};
    grid.georeference.has_geotransform = true;
    grid.georeference.geotransform = {500000, 10, 2, 4000000, 3, -10};
    const Grid cut = crop(grid, {7, 5, 20, 10});
    EXPECT_EQ(cut.width, 20);
    EXPECT_EQ(cut.height, 10);
    EXPECT_EQ(cut.georeference.geotransform[0], 500000 + 7 * 10 + 5 * 2);
    EXPECT_EQ(cut.georeference.geotransform[3], 4000000 + 7 * 3 - 5 * 10);
}

TEST(Crop, MovesGcpsRpcAndGeolocation) {
    Grid grid{100, 80, {}};
    grid.georeference.gcps = {{"1", "", 10, 20, 1, 2, 3}};
    grid.georeference.rpc = {{"LINE_OFF", "50.5"}, {"SAMP_OFF", "60"}, {"LINE_SCALE", "7"}};
    grid.georeference.geolocation = {{"PIXEL_OFFSET", "0"}, {"LINE_OFFSET", "0"}, {"PIXEL_STEP", "1"}};
    const auto geo = crop(grid, {4, 8, 10, 10}).georeference;
    EXPECT_EQ(geo.gcps[0].pixel, 6);
    EXPECT_EQ(geo.gcps[0].line, 12);
    EXPECT_EQ(geo.rpc.at("LINE_OFF"), "42.5");
    EXPECT_EQ(geo.rpc.at("SAMP_OFF"), "56");
    EXPECT_EQ(geo.rpc.at("LINE_SCALE"), "7");
    EXPECT_EQ(geo.geolocation.at("PIXEL_OFFSET"), "-4");
}

TEST(Crop, RefusesWindowsThatLeaveTheGrid) { EXPECT_THROW(crop(Grid{10, 10, {}}, {5, 5, 6, 2}), Error); }

}  // namespace
}  // namespace spectile
