#include <gmock/gmock.h>
#include <ogr_spatialref.h>

#include "products_fixture.hpp"

namespace spectile::products {
namespace {

std::string utm33() {
    OGRSpatialReference crs;
    crs.importFromEPSG(32633);
    char* text = nullptr;
    const char* const options[] = {"FORMAT=WKT2", nullptr};
    crs.exportToWkt(&text, options);
    const std::string wkt = text;
    CPLFree(text);
    return wkt;
}

struct Case {
    const char* name;
    const char* driver;
    Georeference georeference;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

std::vector<Case> cases() {
    std::vector<Case> list;
    for (const char* driver : {"COG", "GTiff"}) {
        Georeference north_up;
        north_up.crs_wkt = utm33();
        north_up.has_geotransform = true;
        north_up.geotransform = {380000.1, 29.999999999999996, 0, 5820000.3, 0, -30.000000000000004};
        list.push_back({"NorthUp", driver, north_up});
        Georeference rotated = north_up;
        rotated.geotransform = {500000.123456789, 8.1, 2.3, 4000000.987654321, 2.7, -7.9};
        list.push_back({"Rotated", driver, rotated});
        Georeference south_up = north_up;
        south_up.geotransform = {380000, 0.1, 0, 5820000, 0, 0.1};
        list.push_back({"SouthUp", driver, south_up});
        Georeference point = north_up;
        point.area_or_point = "Point";
        list.push_back({"PixelIsPoint", driver, point});
        Georeference no_crs = north_up;
        no_crs.crs_wkt.clear();
        list.push_back({"NoCrs", driver, no_crs});
        list.push_back({"None", driver, {}});
        Georeference gcps;
        gcps.gcp_crs_wkt = utm33();
        gcps.gcps = {{"1", "", 0, 0, 380000.1, 5820000.2, 3},
                     {"2", "", 99.5, 0.5, 383000, 5820100, 4},
                     {"3", "", 3, 70, 380100, 5818000, 5}};
        list.push_back({"Gcps", driver, gcps});
        Georeference rpc;
        rpc.rpc = {{"LINE_OFF", "50.5"},  {"SAMP_OFF", "60"},     {"LAT_OFF", "12.5"}, {"LONG_OFF", "13"},
                   {"HEIGHT_OFF", "100"}, {"LINE_SCALE", "7"},    {"SAMP_SCALE", "8"}, {"LAT_SCALE", "0.1"},
                   {"LONG_SCALE", "0.1"}, {"HEIGHT_SCALE", "500"}};
        for (const char* key : {"LINE_NUM_COEFF", "LINE_DEN_COEFF", "SAMP_NUM_COEFF", "SAMP_DEN_COEFF"})
            rpc.rpc[key] = "1 0.5 0.25 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0.125";
        list.push_back({"Rpc", driver, rpc});
        Georeference arrays;
        arrays.geolocation = {{"X_DATASET", "lon.tif"}, {"X_BAND", "1"},        {"Y_DATASET", "lat.tif"},
                              {"Y_BAND", "1"},          {"PIXEL_OFFSET", "-4"}, {"LINE_OFFSET", "0"},
                              {"PIXEL_STEP", "1"},      {"LINE_STEP", "1"}};
        list.push_back({"Geolocation", driver, arrays});
    }
    return list;
}

class EveryGeoreference : public testing::TestWithParam<Case> {};

TEST_P(EveryGeoreference, ComesBackExactly) {
    const ScratchFolder folder;
    const auto& wanted = GetParam().georeference;
    RasterFormat format;
    format.bands = 1;
    auto job = job_of<std::uint8_t>(
        folder, {100, 80, wanted}, format, 128, 128,
        [](int, std::int64_t row, std::int64_t) { return static_cast<std::uint8_t>(row); });
    job.driver = GetParam().driver;
    const auto result = assemble(job);
    const auto dataset = open(result.partial_path);
    ASSERT_TRUE(dataset);

    std::array<double, 6> geotransform{};
    const bool has = dataset->GetGeoTransform(geotransform.data()) == CE_None;
    EXPECT_EQ(has, wanted.has_geotransform);
    if (wanted.has_geotransform) {
        EXPECT_EQ(geotransform, wanted.geotransform);
    }
    EXPECT_EQ(dataset->GetSpatialRef() != nullptr, !wanted.crs_wkt.empty());
    if (!wanted.crs_wkt.empty()) {
        OGRSpatialReference crs;
        crs.importFromWkt(wanted.crs_wkt.c_str());
        crs.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
        EXPECT_TRUE(dataset->GetSpatialRef()->IsSame(&crs));
    }
    if (!wanted.area_or_point.empty()) {
        EXPECT_EQ(dataset->GetMetadataItem("AREA_OR_POINT"), wanted.area_or_point);
    }

    ASSERT_EQ(dataset->GetGCPCount(), static_cast<int>(wanted.gcps.size()));
    for (std::size_t i = 0; i < wanted.gcps.size(); ++i) {
        const GDAL_GCP& gcp = dataset->GetGCPs()[i];
        EXPECT_EQ(gcp.dfGCPPixel, wanted.gcps[i].pixel);
        EXPECT_EQ(gcp.dfGCPLine, wanted.gcps[i].line);
        EXPECT_EQ(gcp.dfGCPX, wanted.gcps[i].crs_x);
        EXPECT_EQ(gcp.dfGCPY, wanted.gcps[i].crs_y);
        EXPECT_EQ(gcp.dfGCPZ, wanted.gcps[i].crs_z);
    }
    if (!wanted.gcps.empty()) {
        EXPECT_NE(dataset->GetGCPSpatialRef(), nullptr);
    }
    for (const auto& [key, value] : wanted.rpc) {
        const char* found = dataset->GetMetadataItem(key.c_str(), "RPC");
        ASSERT_TRUE(found) << key;
        EXPECT_EQ(std::strtod(found, nullptr), std::strtod(value.c_str(), nullptr)) << key;
    }
    for (const auto& [key, value] : wanted.geolocation)
        EXPECT_STREQ(dataset->GetMetadataItem(key.c_str(), "GEOLOCATION"), value.c_str()) << key;
}

INSTANTIATE_TEST_SUITE_P(Forms, EveryGeoreference, testing::ValuesIn(cases()),
                         [](const auto& p) { return std::string(p.param.name) + p.param.driver; });

}  // namespace
}  // namespace spectile::products
