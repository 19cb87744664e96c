// Where products lie on the earth, and what media they are.
#include "products/footprint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ogr_spatialref.h>

#include <nlohmann/json.hpp>

#include "products/gdal_dataset.hpp"
#include "products/media_type.hpp"

namespace spectile::products {
namespace {

using nlohmann::json;
using testing::DoubleNear;
using testing::ElementsAre;

std::string wkt_of(const char* name) {
    OGRSpatialReference crs;
    EXPECT_EQ(crs.SetFromUserInput(name), OGRERR_NONE);
    char* text = nullptr;
    const char* options[] = {"FORMAT=WKT2_2019", nullptr};
    crs.exportToWkt(&text, options);
    const std::string out = text;
    CPLFree(text);
    return out;
}

Grid grid_of(const char* crs, double left, double top, double pixel, int width, int height) {
    Grid grid;
    grid.width = width;
    grid.height = height;
    grid.georeference.crs_wkt = wkt_of(crs);
    grid.georeference.has_geotransform = true;
    grid.georeference.geotransform = {left, pixel, 0, top, 0, -pixel};
    return grid;
}

auto box_near(double west, double south, double east, double north, double tolerance = 1e-6) {
    return ElementsAre(DoubleNear(west, tolerance), DoubleNear(south, tolerance), DoubleNear(east, tolerance),
                       DoubleNear(north, tolerance));
}

double ring_area(const json& ring) {
    double twice = 0;
    for (std::size_t i = 0; i + 1 < ring.size(); ++i)
        twice += ring[i][0].get<double>() * ring[i + 1][1].get<double>() -
                 ring[i + 1][0].get<double>() * ring[i][1].get<double>();
    return twice / 2;
}

TEST(Footprint, OfLongitudeAndLatitudeIsTheGridItself) {
    // EPSG:4326 says latitude first; rasters and GeoJSON have longitude first.
    const auto footprint = footprint_of(grid_of("EPSG:4326", 10, 50, 0.1, 20, 10));
    ASSERT_TRUE(footprint);
    EXPECT_THAT(footprint->bbox, box_near(10, 49, 12, 50));
    const auto geometry = json::parse(footprint->geometry);
    EXPECT_EQ(geometry["type"], "Polygon");
    EXPECT_EQ(geometry["coordinates"][0].front(), geometry["coordinates"][0].back());
    EXPECT_NEAR(ring_area(geometry["coordinates"][0]), 2.0, 1e-6);  // Positive: counter-clockwise.
}

TEST(Footprint, EdgesAreBent) {
    // A polar stereographic square beside the pole: its straight edge bulges between the corners.
    const auto footprint = footprint_of(grid_of("EPSG:3995", 1e6, 1e6, 1000, 1000, 2000));
    ASSERT_TRUE(footprint);
    const auto ring = json::parse(footprint->geometry)["coordinates"][0];
    EXPECT_GT(ring.size(), 100u);
    double corner = -90;
    for (const int edge : {0, 32, 64, 96})
        corner = std::max(corner, ring[static_cast<std::size_t>(edge)][1].get<double>());
    EXPECT_GT(footprint->bbox[3], corner + 0.5);
    EXPECT_GT(ring_area(ring), 0);
}

TEST(Footprint, OfUtmAgreesWithProj) {
    const auto footprint = footprint_of(grid_of("EPSG:32633", 360000, 5820000, 30, 120, 110));
    ASSERT_TRUE(footprint);
    // gdaltransform -s_srs EPSG:32633 -t_srs OGC:CRS84 of the corners.
    EXPECT_THAT(footprint->bbox, box_near(12.9369477, 52.4824672, 12.9913139, 52.5130282, 2e-7));
}

TEST(Footprint, IsCutAtTheAntimeridian) {
    for (const auto& grid :
         {grid_of("EPSG:4326", 179, 1, 0.1, 20, 20), grid_of("EPSG:32660", 700000, 100000, 1000, 200, 50)}) {
        const auto footprint = footprint_of(grid);
        ASSERT_TRUE(footprint);
        const auto geometry = json::parse(footprint->geometry);
        ASSERT_EQ(geometry["type"], "MultiPolygon") << footprint->geometry;
        EXPECT_EQ(geometry["coordinates"].size(), 2u);
        EXPECT_GT(footprint->bbox[0], 170);
        EXPECT_LT(footprint->bbox[2], -170);
        for (const auto& polygon : geometry["coordinates"]) {
            EXPECT_GT(ring_area(polygon[0]), 0);
            for (const auto& point : polygon[0]) EXPECT_LE(std::abs(point[0].get<double>()), 180);
        }
    }
}

TEST(Footprint, RoundAPoleHasAllLongitudes) {
    const auto footprint = footprint_of(grid_of("EPSG:3995", -1e6, 1e6, 1000, 2000, 2000));
    ASSERT_TRUE(footprint);
    EXPECT_NEAR(footprint->bbox[0], -180, 1e-6);
    EXPECT_NEAR(footprint->bbox[2], 180, 1e-6);
    EXPECT_NEAR(footprint->bbox[3], 90, 1e-6);
}

TEST(Footprint, FollowsControlPoints) {
    Grid grid;
    grid.width = 100;
    grid.height = 50;
    grid.georeference.gcp_crs_wkt = wkt_of("EPSG:4326");
    for (const auto& [col, row] : {std::pair{0.0, 0.0}, {100.0, 0.0}, {100.0, 50.0}, {0.0, 50.0}})
        grid.georeference.gcps.push_back({"", "", col, row, 20 + col / 100, 40 - row / 100, 0});
    const auto footprint = footprint_of(grid);
    ASSERT_TRUE(footprint);
    EXPECT_THAT(footprint->bbox, box_near(20, 39.5, 21, 40));
    // Points on both sides of the antimeridian: 179.5 and -179.5 are one degree apart.
    for (auto& gcp : grid.georeference.gcps) gcp.crs_x += 159.5;
    const auto beyond = footprint_of(grid);
    ASSERT_TRUE(beyond);
    EXPECT_THAT(beyond->bbox, box_near(179.5, 39.5, -179.5, 40));
}

TEST(Footprint, IsNothingWithoutAPlace) {
    EXPECT_FALSE(footprint_of({.width = 5, .height = 5, .georeference = {}}));
    auto grid = grid_of("EPSG:4326", 10, 50, 0.1, 20, 10);
    grid.georeference.crs_wkt.clear();
    EXPECT_FALSE(footprint_of(grid));
    EXPECT_FALSE(footprint_of(grid_of("EPSG:32633", 1e300, 1e300, 30, 5, 5)));
}

TEST(CrsNames, ACodeOrTheWholeDefinition) {
    EXPECT_EQ(crs_names(wkt_of("EPSG:32633")).code, "EPSG:32633");
    EXPECT_EQ(crs_names(wkt_of("+proj=utm +zone=33 +datum=WGS84")).code, "EPSG:32633");
    const auto own = crs_names(wkt_of("+proj=laea +lat_0=12 +lon_0=34 +datum=WGS84"));
    EXPECT_EQ(own.code, "");
    EXPECT_EQ(json::parse(own.projjson)["type"], "ProjectedCRS");
    EXPECT_EQ(crs_names("").code + crs_names("").projjson, "");
}

TEST(MediaType, OfDriversAndFiles) {
    start_gdal();
    EXPECT_EQ(media_type_of_driver("COG"), "image/tiff; application=geotiff; profile=cloud-optimized");
    EXPECT_EQ(media_type_of_driver("GTiff"), "image/tiff; application=geotiff");
    EXPECT_EQ(media_type_of_driver("PNG"), "image/png");
    EXPECT_EQ(media_type_of_driver("ENVI"), "application/octet-stream");
    EXPECT_EQ(media_type_of_file("a/b.gpkg"), "application/geopackage+sqlite3");
    EXPECT_EQ(media_type_of_file("a/b"), "application/octet-stream");
}

}  // namespace
}  // namespace spectile::products
