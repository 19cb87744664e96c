// What `info` prints, and the fingerprint of inputs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/checksum.hpp"
#include "raster/input_hash.hpp"
#include "raster/open_scene.hpp"
#include "raster/scene_info.hpp"
#include "spectile/error.hpp"
#include "support/raster_files.hpp"
#include "unit/raster/a_scene.hpp"

namespace spectile {
namespace {

using namespace testing_raster;
using testing::HasSubstr;

TEST(SceneInfoText, IsASupersetOfGdalinfo) {
    const Folder folder;
    {
        const auto dataset = make_raster(folder / "a.tif", {});
        georeference(*dataset);
        for (int band = 1; band <= 3; ++band) {
            dataset->GetRasterBand(band)->SetMetadataItem("wavelength", std::to_string(400 + band).c_str());
            dataset->GetRasterBand(band)->SetMetadataItem("wavelength_units", "nm");
            dataset->GetRasterBand(band)->SetNoDataValue(0);
        }
        dataset->SetMetadataItem("odd", "caf\xE9");
    }
    const auto json = nlohmann::json::parse(scene_info_json(folder / "a.tif"));
    EXPECT_EQ(json.at("size"), nlohmann::json({7, 5}));
    EXPECT_EQ(json.at("driverShortName"), "GTiff");
    EXPECT_EQ(json.at("bands").size(), 3U);
    EXPECT_TRUE(json.contains("geoTransform"));
    const auto& own = json.at("spectile");
    EXPECT_EQ(own.at("georeference"), "geotransform");
    EXPECT_EQ(own.at("bands")[2].at("wavelength_nm"), 403);
    EXPECT_EQ(own.at("bands")[2].at("nodata"), 0);
    EXPECT_EQ(own.at("interleave"), "pixel");
    EXPECT_EQ(own.at("raw"), false);
    EXPECT_EQ(own.at("network_input"), true);
    EXPECT_THAT(scene_info_text(folder / "a.tif"), testing::AllOf(HasSubstr("7 x 5 pixels, 3 bands"),
                                                                  HasSubstr("EPSG:32633"), HasSubstr("401")));
}

TEST(SceneInfoText, DescribesTypesThatNoNetworkTakes) {
    const Folder folder;
    make_raster(folder / "a.tif", {.type = GDT_CFloat64}).reset();
    const auto json = nlohmann::json::parse(scene_info_json(folder / "a.tif"));
    EXPECT_EQ(json.at("spectile").at("network_input"), false);
    EXPECT_EQ(json.at("spectile").at("bands")[0].at("type"), "Complex");
    EXPECT_THROW(scene_info_json(folder / "absent.tif"), Error);
}

TEST(InputHash, CoversEveryFileThatDecidesPixels) {
    const Folder folder;
    make_raster(folder / "a.dat", {.driver = "ENVI"}).reset();
    const auto info = info_of(folder / "a.dat");
    const InputHash hash = hash_inputs(info);
    ASSERT_GE(hash.files.size(), 2U);
    EXPECT_EQ(hash.files[0].stamp.path, folder / "a.dat");
    EXPECT_EQ(hash.files[0].stamp.bytes, 210U);
    EXPECT_EQ(hash.files[0].sha256, sha256_of_file(folder / "a.dat"));
    std::ofstream(folder / "a.hdr", std::ios::app) << "bbl = {1, 1, 0}\n";
    EXPECT_NE(hash_inputs(info).sha256, hash.sha256);
}

TEST(InputHash, KnownFilesAreNotReadAgain) {
    const Folder folder;
    make_raster(folder / "a.tif", {}).reset();
    const auto info = info_of(folder / "a.tif");
    InputHash hash = hash_inputs(info);
    hash.files[0].sha256 = "remembered";
    EXPECT_EQ(hash_inputs(info, hash.files).files[0].sha256, "remembered");
    hash.files[0].stamp.modified -= 1;
    EXPECT_NE(hash_inputs(info, hash.files).files[0].sha256, "remembered");
    EXPECT_EQ(stamp_inputs(info).size(), hash.files.size());
}

TEST(InputHash, ContentCountsAndNotThePlace) {
    const Folder folder;
    std::filesystem::create_directories(folder / "x");
    make_raster(folder / "b.tif", {}).reset();
    std::filesystem::copy_file(folder / "b.tif", folder / "x/other.tif");
    EXPECT_EQ(hash_inputs(info_of(folder / "b.tif")).sha256,
              hash_inputs(info_of(folder / "x/other.tif")).sha256);
}

TEST(InputHash, SourcesOfAVrtAndVsiNamesAreRead) {
    const Folder folder;
    make_raster("/vsimem/hash.tif", {.width = 2, .height = 2, .bands = 1}).reset();
    write_text(folder / "v.vrt",
               "<VRTDataset rasterXSize=\"2\" rasterYSize=\"2\"><VRTRasterBand dataType=\"UInt16\" "
               "band=\"1\"><SimpleSource>"
               "<SourceFilename "
               "relativeToVRT=\"0\">/vsimem/hash.tif</SourceFilename><SourceBand>1</SourceBand></"
               "SimpleSource></VRTRasterBand></VRTDataset>");
    const auto hash = hash_inputs(info_of(folder / "v.vrt"));
    ASSERT_EQ(hash.files.size(), 2U);
    EXPECT_EQ(hash.files[1].stamp.path, "/vsimem/hash.tif");
    EXPECT_EQ(hash.files[1].sha256.size(), 64U);
    VSIUnlink("/vsimem/hash.tif");
    SceneInfo gone;
    gone.files = {folder / "gone.tif"};
    EXPECT_THROW(hash_inputs(gone), Error);
}

}  // namespace
}  // namespace spectile
