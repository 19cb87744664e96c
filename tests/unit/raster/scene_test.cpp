// Stacks, georeference and the one rule of validity.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "raster/open_scene.hpp"
#include "raster/sample_conversion.hpp"
#include "spectile/error.hpp"
#include "support/raster_files.hpp"
#include "unit/raster/a_scene.hpp"

namespace spectile {
namespace {

using namespace testing_raster;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

Cube read_all(const Scene& scene, std::vector<int> bands = {}) {
    Cube cube;
    for (int band = 0;
         bands.size() < scene.info().bands.size() && band < static_cast<int>(scene.info().bands.size());
         ++band)
        bands.push_back(band);
    scene.reader()->read(scene.info().grid.window(), bands, cube);
    return cube;
}

std::vector<std::uint8_t> valid_of(const SceneDefinition& definition) {
    return read_all(*open_scene(definition)).valid;
}

Error error_of(const SceneDefinition& definition) {
    try {
        open_scene(definition);
    } catch (const Error& error) {
        return error;
    }
    return Error(Code::internal, "it opened");
}

TEST(Scene, SeveralRastersAreOneStack) {
    const Folder folder;
    for (const char* name : {"a.tif", "b.tif"}) georeference(*make_raster(folder / name, {.bands = 2}));
    make_raster(folder / "a.dat", {.bands = 1, .driver = "ENVI"});
    SceneDefinition definition = scene_of_files({folder / "a.tif", folder / "b.tif"});
    const auto scene = open_scene(definition);
    ASSERT_EQ(scene->info().bands.size(), 4U);
    EXPECT_EQ(scene->info().bands[3].raster, 1);
    EXPECT_EQ(scene->info().bands[3].raster_band, 1);
    EXPECT_EQ(scene->info().stem, "a");
    EXPECT_EQ(scene->info().rasters.size(), 2U);
    Cube cube;
    const std::vector<int> bands = {3, 0, 2};
    scene->reader()->read({1, 1, 2, 1}, bands, cube);
    EXPECT_THAT(cube.values, ElementsAre(pixel_value(1, 1, 1), pixel_value(1, 2, 1), pixel_value(0, 1, 1),
                                         pixel_value(0, 2, 1), pixel_value(0, 1, 1), pixel_value(0, 2, 1)));
    definition.bands = {4, 1};
    EXPECT_EQ(open_scene(definition)->info().bands[0].raster, 1);
}

TEST(Scene, ChangeTakesTheSameBandsOfBothDates) {
    const Folder folder;
    for (const char* name : {"a.tif", "b.tif"}) make_raster(folder / name, {.bands = 3});
    make_raster(folder / "c.tif", {.bands = 2});
    SceneDefinition definition = scene_of_files({folder / "a.tif", folder / "b.tif"});
    definition.change = true;
    definition.bands = {2};
    const auto scene = open_scene(definition);
    ASSERT_EQ(scene->info().bands.size(), 2U);
    EXPECT_EQ(scene->info().bands[0].raster, 0);
    EXPECT_EQ(scene->info().bands[1].raster, 1);
    EXPECT_EQ(scene->info().bands[1].raster_band, 1);
    definition.paths[1] = folder / "c.tif";
    EXPECT_THAT(error_of(definition).what(), HasSubstr("2 bands"));
}

TEST(Scene, UnequalGridsAreNamedWithTheirDifference) {
    const Folder folder;
    georeference(*make_raster(folder / "a.tif", {}));
    georeference(*make_raster(folder / "half.tif", {}), 500005, 5799995);
    georeference(*make_raster(folder / "coarse.tif", {}), 500000, 5800000, 10.001);
    georeference(*make_raster(folder / "noise.tif", {}), 500000 + 1e-9, 5800000);
    make_raster(folder / "bare.tif", {});
    georeference(*make_raster(folder / "small.tif", {.width = 6}));
    {
        const auto dataset = make_raster(folder / "crs.tif", {});
        georeference(*dataset);
        OGRSpatialReference crs;
        crs.importFromEPSG(32632);
        dataset->SetSpatialRef(&crs);
    }
    const auto message = [&](const char* name) {
        return std::string(error_of(scene_of_files({folder / "a.tif", folder / name})).what());
    };
    EXPECT_THAT(message("half.tif"), AllOf(HasSubstr("a.tif"), HasSubstr("half.tif"),
                                           HasSubstr("0.5 columns"), HasSubstr("half a pixel")));
    EXPECT_THAT(message("coarse.tif"), HasSubstr("another pixel size"));
    EXPECT_THAT(message("bare.tif"), HasSubstr("by none, not by geotransform"));
    EXPECT_THAT(message("small.tif"), HasSubstr("6x5 pixels, not 7x5"));
    EXPECT_THAT(message("crs.tif"), AllOf(HasSubstr("EPSG:32632"), HasSubstr("EPSG:32633")));
    EXPECT_EQ(message("noise.tif"), "it opened");
    EXPECT_EQ(error_of(scene_of_files({folder / "a.tif", folder / "half.tif"})).code(), Code::scene);
}

TEST(Scene, OpenErrorsHaveTheirOwnCodes) {
    const Folder folder;
    write_text(folder / "text.tif", "no raster at all");
    EXPECT_EQ(error_of(scene_of_files({folder / "absent.tif"})).code(), Code::missing);
    EXPECT_EQ(error_of(scene_of_files({folder / "text.tif"})).code(), Code::scene);
    EXPECT_EQ(error_of(scene_of_files({"<VRTDataset/>"})).code(), Code::scene);
    EXPECT_EQ(error_of(scene_of_files({"/vsimem/absent.tif"})).code(), Code::missing);
    if (::geteuid() == 0) return;  // root may read everything.
    std::filesystem::permissions(folder / "text.tif", std::filesystem::perms::none);
    EXPECT_EQ(error_of(scene_of_files({folder / "text.tif"})).code(), Code::permission);
}

TEST(Georeference, EverythingIsCarried) {
    const Folder folder;
    {
        const auto dataset = make_raster(folder / "a.tif", {});
        double transform[6] = {500000, 8, 6, 5800000, 6, -8};  // Rotated.
        dataset->SetGeoTransform(transform);
        OGRSpatialReference crs;
        crs.importFromEPSG(32633);
        dataset->SetSpatialRef(&crs);
        dataset->SetMetadataItem("AREA_OR_POINT", "Point");
        dataset->SetMetadataItem("TIFFTAG_DATETIME", "2020:01:02 03:04:05");
    }
    const Georeference geo = open_scene(scene_of_files({folder / "a.tif"}))->info().grid.georeference;
    EXPECT_EQ(geo.geotransform, (std::array<double, 6>{500000, 8, 6, 5800000, 6, -8}));
    EXPECT_THAT(geo.crs_wkt, AllOf(HasSubstr("PROJCRS"), HasSubstr("32633")));
    EXPECT_EQ(geo.area_or_point, "Point");
    EXPECT_EQ(geo.tiff_tags.at("TIFFTAG_DATETIME"), "2020:01:02 03:04:05");
}

TEST(Georeference, SouthUpIsKept) {
    const Folder folder;
    {
        const auto dataset = make_raster(folder / "a.tif", {});
        double transform[6] = {1, 0.1, 0, 2, 0, 0.1};
        dataset->SetGeoTransform(transform);
    }
    EXPECT_EQ(open_scene(scene_of_files({folder / "a.tif"}))->info().grid.georeference.geotransform[5], 0.1);
}

TEST(Georeference, GcpsRpcAndGeolocationAreCarried) {
    const Folder folder;
    {
        const auto dataset = make_raster(folder / "gcp.tif", {});
        GDAL_GCP gcps[3] = {};
        GDALInitGCPs(3, gcps);
        for (int i = 0; i < 3; ++i) {
            gcps[i].dfGCPPixel = i * 2 + 0.5;
            gcps[i].dfGCPLine = i * i;
            gcps[i].dfGCPX = 13 + i;
            gcps[i].dfGCPY = 52 - i * i;
        }
        OGRSpatialReference crs;
        crs.importFromEPSG(4326);
        dataset->SetGCPs(3, gcps, &crs);
        GDALDeinitGCPs(3, gcps);
    }
    {
        const auto dataset = make_raster(folder / "rpc.tif", {});
        for (const char* key : {"LINE_OFF", "SAMP_OFF", "LAT_OFF", "LONG_OFF", "HEIGHT_OFF", "LINE_SCALE",
                                "SAMP_SCALE", "LAT_SCALE", "LONG_SCALE", "HEIGHT_SCALE"})
            dataset->SetMetadataItem(key, "12.5", "RPC");
        std::string coefficients = "1";
        for (int i = 1; i < 20; ++i) coefficients += " 0";
        for (const char* key : {"LINE_NUM_COEFF", "LINE_DEN_COEFF", "SAMP_NUM_COEFF", "SAMP_DEN_COEFF"})
            dataset->SetMetadataItem(key, coefficients.c_str(), "RPC");
    }
    {
        make_raster(folder / "sensor.tif", {}).reset();
        write_text(folder / "geo.vrt",
                   "<VRTDataset rasterXSize=\"7\" rasterYSize=\"5\"><Metadata domain=\"GEOLOCATION\"><MDI "
                   "key=\"X_DATASET\">lon.tif</MDI>"
                   "<MDI key=\"PIXEL_OFFSET\">0</MDI></Metadata><VRTRasterBand dataType=\"UInt16\" "
                   "band=\"1\"><SimpleSource>"
                   "<SourceFilename "
                   "relativeToVRT=\"1\">sensor.tif</SourceFilename><SourceBand>1</SourceBand></"
                   "SimpleSource></VRTRasterBand></VRTDataset>");
    }
    const auto gcp = open_scene(scene_of_files({folder / "gcp.tif"}))->info().grid.georeference;
    ASSERT_EQ(gcp.gcps.size(), 3U);
    EXPECT_EQ(gcp.gcps[1].pixel, 2.5);
    EXPECT_EQ(gcp.gcps[2].crs_x, 15);
    EXPECT_THAT(gcp.gcp_crs_wkt, HasSubstr("4326"));
    EXPECT_FALSE(gcp.has_geotransform);
    EXPECT_EQ(
        std::stod(
            open_scene(scene_of_files({folder / "rpc.tif"}))->info().grid.georeference.rpc.at("SAMP_OFF")),
        12.5);
    const auto geo = open_scene(scene_of_files({folder / "geo.vrt"}));
    EXPECT_EQ(geo->info().grid.georeference.geolocation.at("X_DATASET"), "lon.tif");
    EXPECT_THAT(geo->info().files, testing::Contains(folder / "sensor.tif"));
}

TEST(Validity, NodataOfAnyBandReadMakesAPixelInvalid) {
    const Folder folder;
    {
        const auto dataset =
            make_raster(folder / "a.tif", {.width = 4, .height = 1, .bands = 2, .type = GDT_Int16});
        for (int band = 1; band <= 2; ++band) dataset->GetRasterBand(band)->SetNoDataValue(-9999);
        set_pixel(*dataset, 0, 1, 0, -9999);
        set_pixel(*dataset, 1, 3, 0, -9999);
    }
    const auto scene = open_scene(scene_of_files({folder / "a.tif"}));
    EXPECT_THAT(read_all(*scene).valid, ElementsAre(1, 0, 1, 0));
    Cube cube;
    const int second = 1;
    scene->reader()->read({0, 0, 4, 1}, {&second, 1}, cube);
    EXPECT_THAT(cube.valid, ElementsAre(1, 1, 1, 0));
}

TEST(Validity, NanInfinityAndFloatNodata) {
    const Folder folder;
    const double lowest = -std::numeric_limits<float>::max();
    {
        const auto dataset =
            make_raster(folder / "a.tif", {.width = 6, .height = 1, .bands = 1, .type = GDT_Float32});
        dataset->GetRasterBand(1)->SetNoDataValue(-3.4028e38);
        dataset->GetRasterBand(1)->SetNoDataValue(lowest);
        set_pixel(*dataset, 0, 0, 0, lowest);
        set_pixel(*dataset, 0, 1, 0, std::numeric_limits<double>::quiet_NaN());
        set_pixel(*dataset, 0, 2, 0, std::numeric_limits<double>::infinity());
        set_pixel(*dataset, 0, 3, 0, -std::numeric_limits<double>::infinity());
    }
    const Cube cube = read_all(*open_scene(scene_of_files({folder / "a.tif"})));
    EXPECT_THAT(cube.valid, ElementsAre(0, 0, 0, 0, 1, 1));
    for (const float v : cube.values) EXPECT_TRUE(std::isfinite(v));
}

TEST(Validity, TheLowestFloatAsNodataMasksNothingElse) {
    const NodataRule rule = nodata_rule(DataType::Float32, -std::numeric_limits<float>::max());
    const float values[4] = {-std::numeric_limits<float>::max(), -1e38F, -9999.0F, 0.0F};
    float out[4];
    std::uint8_t valid[4] = {1, 1, 1, 1};
    convert_samples({values, 1, DataType::Float32, false}, 4, rule, out, valid);
    EXPECT_THAT(valid, ElementsAre(0, 1, 1, 1));
}

TEST(Validity, ANodataThatFloat32CannotHoldExactlyStillMatches) {
    const Folder folder;
    {
        const auto dataset =
            make_raster(folder / "a.tif", {.width = 3, .height = 1, .bands = 1, .type = GDT_Float32});
        dataset->GetRasterBand(1)->SetNoDataValue(-0.1);
        set_pixel(*dataset, 0, 1, 0, -0.1);
    }
    EXPECT_THAT(valid_of(scene_of_files({folder / "a.tif"})), ElementsAre(1, 0, 1));
}

TEST(Validity, LargeIntegersAreComparedInTheirOwnType) {
    // 16777217 and 16777216 are one number in float32.
    const Folder folder;
    for (const GDALDataType type : {GDT_Int32, GDT_UInt32, GDT_Float64}) {
        const auto dataset =
            make_raster(folder / "a.tif", {.width = 3, .height = 1, .bands = 1, .type = type});
        dataset->GetRasterBand(1)->SetNoDataValue(16777217);
        set_pixel(*dataset, 0, 0, 0, 16777216);
        set_pixel(*dataset, 0, 1, 0, 16777217);
        dataset->FlushCache();
        EXPECT_THAT(valid_of(scene_of_files({folder / "a.tif"})), ElementsAre(1, 0, 1))
            << GDALGetDataTypeName(type);
    }
    {
        const auto dataset =
            make_raster(folder / "b.tif", {.width = 2, .height = 1, .bands = 1, .type = GDT_Int64});
        dataset->GetRasterBand(1)->SetNoDataValueAsInt64(9007199254740993);
        const std::int64_t values[2] = {9007199254740992, 9007199254740993};
        ASSERT_EQ(dataset->GetRasterBand(1)->RasterIO(GF_Write, 0, 0, 2, 1, const_cast<std::int64_t*>(values),
                                                      2, 1, GDT_Int64, 0, 0, nullptr),
                  CE_None);
    }
    EXPECT_THAT(valid_of(scene_of_files({folder / "b.tif"})), ElementsAre(1, 0));
}

TEST(Validity, AMaskBandOfTheDatasetCounts) {
    const Folder folder;
    for (const char* internal : {"YES", "NO"}) {
        CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", internal);
        auto dataset = make_raster(folder / "a.tif", {.width = 4, .height = 1});
        ASSERT_EQ(dataset->CreateMaskBand(GMF_PER_DATASET), CE_None);
        std::uint8_t mask[4] = {255, 0, 255, 0};
        ASSERT_EQ(dataset->GetRasterBand(1)->GetMaskBand()->RasterIO(GF_Write, 0, 0, 4, 1, mask, 4, 1,
                                                                     GDT_Byte, 0, 0, nullptr),
                  CE_None);
        dataset.reset();
        CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", nullptr);
        EXPECT_THAT(valid_of(scene_of_files({folder / "a.tif"})), ElementsAre(1, 0, 1, 0)) << internal;
        std::filesystem::remove(folder / "a.tif");
    }
}

TEST(Validity, AlphaIsNoBandAndMasks) {
    const Folder folder;
    {
        const auto dataset = make_raster(folder / "a.tif", {.width = 3,
                                                            .height = 1,
                                                            .bands = 4,
                                                            .type = GDT_Byte,
                                                            .options = {"PHOTOMETRIC=RGB", "ALPHA=YES"}});
        set_pixel(*dataset, 3, 1, 0, 0);
    }
    const auto scene = open_scene(scene_of_files({folder / "a.tif"}));
    EXPECT_EQ(scene->info().bands.size(), 3U);
    EXPECT_THAT(read_all(*scene).valid, ElementsAre(1, 0, 1));
}

TEST(Validity, NodataValuesOfAllBandsTogether) {
    const Folder folder;
    {
        const auto dataset =
            make_raster(folder / "a.tif", {.width = 3, .height = 1, .bands = 2, .type = GDT_Byte});
        dataset->SetMetadataItem("NODATA_VALUES", "0 0");
        set_pixel(*dataset, 0, 0, 0, 0);
        set_pixel(*dataset, 0, 1, 0, 0);
        set_pixel(*dataset, 1, 1, 0, 0);
    }
    EXPECT_THAT(valid_of(scene_of_files({folder / "a.tif"})), ElementsAre(1, 0, 1));
}

TEST(Validity, AgreesWithGdalsMaskBand) {
    const Folder folder;
    for (const double nodata : {-9999.0, 0.0, 1e-5, 1e30}) {
        {
            const auto dataset =
                make_raster(folder / "a.tif", {.width = 40, .height = 1, .bands = 1, .type = GDT_Float32});
            dataset->GetRasterBand(1)->SetNoDataValue(nodata);
            float v = static_cast<float>(nodata);
            for (int i = 0; i < 20; ++i) v = std::nextafter(v, -std::numeric_limits<float>::infinity());
            for (int x = 0; x < 40; ++x, v = std::nextafter(v, std::numeric_limits<float>::infinity()))
                set_pixel(*dataset, 0, x, 0, v);
        }
        std::uint8_t mask[40] = {};
        const Dataset dataset(GDALDataset::Open(folder.operator/("a.tif").c_str()));
        ASSERT_EQ(dataset->GetRasterBand(1)->GetMaskBand()->RasterIO(GF_Read, 0, 0, 40, 1, mask, 40, 1,
                                                                     GDT_Byte, 0, 0, nullptr),
                  CE_None);
        const auto valid = valid_of(scene_of_files({folder / "a.tif"}));
        for (std::size_t x = 0; x < 40; ++x) EXPECT_EQ(valid[x] != 0, mask[x] != 0) << nodata << " " << x;
    }
}

TEST(Coverage, UnstoredBlocksWithNodataCannotBeValid) {
    const Folder folder;
    {
        const auto dataset = make_raster(folder / "a.tif", {.width = 4, .height = 4, .bands = 1});
        start_gdal();
        const char* options[] = {"SPARSE_OK=TRUE", "TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64", nullptr};
        const Dataset sparse(GetGDALDriverManager()->GetDriverByName("GTiff")->Create(
            (folder / "sparse.tif").c_str(), 256, 64, 1, GDT_Byte, const_cast<char**>(options)));
        sparse->GetRasterBand(1)->SetNoDataValue(0);
        set_pixel(*sparse, 0, 70, 3, 9);
    }
    const auto scene = open_scene(scene_of_files({folder / "sparse.tif"}));
    EXPECT_TRUE(scene->may_be_valid({60, 0, 20, 20}));
    EXPECT_FALSE(scene->may_be_valid({128, 0, 128, 64}));
    EXPECT_FALSE(scene->may_be_valid({300, 0, 10, 10}));
    EXPECT_TRUE(open_scene(scene_of_files({folder / "a.tif"}))->may_be_valid({0, 0, 4, 4}));
    Cube cube;
    const int band = 0;
    scene->reader()->read({128, 0, 128, 64}, {&band, 1}, cube);
    EXPECT_THAT(cube.valid, Each(0));
}

}  // namespace
}  // namespace spectile
