// Every layout and type of file, compared with what GDAL's own RasterIO says of it.

#include <gdal_priv.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <numeric>

#include "raster/byte_count.hpp"
#include "raster/open_scene.hpp"
#include "raster/opened_raster.hpp"
#include "spectile/error.hpp"
#include "support/raster_files.hpp"
#include "unit/raster/a_scene.hpp"

namespace spectile {
namespace {

using namespace testing_raster;

std::vector<float> by_gdal(const std::string& path, const Window& w, const std::vector<int>& bands) {
    const Dataset dataset(GDALDataset::Open(path.c_str()));
    std::vector<float> out;
    for (const int band : bands) {
        std::vector<float> plane(static_cast<std::size_t>(w.area()));
        EXPECT_EQ(dataset->GetRasterBand(band + 1)->RasterIO(
                      GF_Read, static_cast<int>(w.x), static_cast<int>(w.y), static_cast<int>(w.width),
                      static_cast<int>(w.height), plane.data(), static_cast<int>(w.width),
                      static_cast<int>(w.height), GDT_Float32, 0, 0, nullptr),
                  CE_None);
        out.insert(out.end(), plane.begin(), plane.end());
    }
    return out;
}

void expect_as_gdal(const std::string& path, bool raw) {
    const auto scene = open_scene(scene_of(path));
    EXPECT_EQ(scene->info().rasters[0].raw, raw) << path;
    const auto reader = scene->reader();
    const int count = static_cast<int>(scene->info().bands.size());
    std::vector<int> all(static_cast<std::size_t>(count)), some = {count - 1, 0};
    std::iota(all.begin(), all.end(), 0);
    Cube cube;
    for (const Window& window : {scene->info().grid.window(), Window{2, 1, 3, 2},
                                 Window{scene->info().grid.width - 1, 0, 1, scene->info().grid.height}})
        for (const auto& bands : {all, some}) {
            reader->read(window, bands, cube);
            EXPECT_EQ(cube.values, by_gdal(path, window, bands)) << path << " " << to_string(window);
            EXPECT_THAT(cube.valid, testing::Each(1));
        }
}

using Layout = std::tuple<const char*, GDALDataType>;
class EnviLayouts : public testing::TestWithParam<Layout> {};

TEST_P(EnviLayouts, ReadAsGdalReadsThem) {
    const auto [interleave, type] = GetParam();
    const Folder folder;
    make_raster(folder / "a.dat", {.width = 301,
                                   .height = 9,
                                   .bands = 5,
                                   .type = type,
                                   .driver = "ENVI",
                                   .options = {std::string("INTERLEAVE=") + interleave}})
        .reset();
    expect_as_gdal(folder / "a.dat", !GDALDataTypeIsComplex(type));
}

INSTANTIATE_TEST_SUITE_P(All, EnviLayouts,
                         testing::Combine(testing::Values("BSQ", "BIL", "BIP"),
                                          testing::Values(GDT_Byte, GDT_Int16, GDT_UInt16, GDT_Int32,
                                                          GDT_UInt32, GDT_Float32, GDT_Float64)));

/// Swaps every sample of a file and tells the header so, with some bytes before the data.
void make_foreign(const std::string& data, const std::string& header, std::size_t size, int offset) {
    std::ifstream in(data, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    for (std::size_t at = 0; at + size <= bytes.size(); at += size)
        std::reverse(bytes.begin() + static_cast<long>(at), bytes.begin() + static_cast<long>(at + size));
    write_text(data, std::string(static_cast<std::size_t>(offset), 'x') + bytes);
    std::ifstream text_in(header);
    std::string text((std::istreambuf_iterator<char>(text_in)), {});
    const auto replace = [&](const std::string& from, const std::string& to) {
        text.replace(text.find(from), from.size(), to);
    };
    replace("byte order = 0", "byte order = 1");
    replace("header offset = 0", "header offset = " + std::to_string(offset));
    write_text(header, text);
}

class ForeignLayouts : public testing::TestWithParam<Layout> {};

TEST_P(ForeignLayouts, OtherByteOrderAndHeaderOffsetAreRead) {
    const auto [interleave, type] = GetParam();
    const Folder folder;
    make_raster(folder / "a.dat", {.width = 66,
                                   .height = 4,
                                   .bands = 5,
                                   .type = type,
                                   .driver = "ENVI",
                                   .options = {std::string("INTERLEAVE=") + interleave}})
        .reset();
    make_foreign(folder / "a.dat", folder / "a.hdr", static_cast<std::size_t>(GDALGetDataTypeSizeBytes(type)),
                 37);
    expect_as_gdal(folder / "a.dat", true);
}

INSTANTIATE_TEST_SUITE_P(All, ForeignLayouts,
                         testing::Combine(testing::Values("BSQ", "BIL", "BIP"),
                                          testing::Values(GDT_Byte, GDT_Int16, GDT_UInt32, GDT_Float32,
                                                          GDT_Float64)));

class TiffLayouts : public testing::TestWithParam<std::tuple<const char*, const char*, GDALDataType>> {};

TEST_P(TiffLayouts, ReadAsGdalReadsThem) {
    const auto [interleave, tiled, type] = GetParam();
    const Folder folder;
    const RasterSpec spec{.width = 301,
                          .height = 70,
                          .bands = 4,
                          .type = type,
                          .driver = "GTiff",
                          .options = {std::string("INTERLEAVE=") + interleave, std::string("TILED=") + tiled,
                                      "BLOCKYSIZE=32", "BLOCKXSIZE=64", "COMPRESS=DEFLATE"}};
    make_raster(folder / "a.tif", spec).reset();
    expect_as_gdal(folder / "a.tif", false);
}

INSTANTIATE_TEST_SUITE_P(All, TiffLayouts,
                         testing::Combine(testing::Values("PIXEL", "BAND"), testing::Values("YES", "NO"),
                                          testing::Values(GDT_Byte, GDT_UInt16, GDT_Int32, GDT_UInt32,
                                                          GDT_Float32, GDT_Float64)));

/// Whether a file is read by positional reads, block by block.
bool reads_blocks(const std::string& path) { return open_one(path).source.blocks.has_value(); }

class RawTiffLayouts : public TiffLayouts {};

TEST_P(RawTiffLayouts, ReadAsGdalReadsThem) {
    const auto [interleave, tiled, type] = GetParam();
    for (const char* order : {"LITTLE", "BIG"})
        for (const char* big : {"YES", "NO"}) {
            const Folder folder;
            const std::string path = folder / "a.tif";
            make_raster(path,
                        {.width = 301,
                         .height = 70,
                         .bands = 5,  // Four of type Byte would be red, green, blue and alpha.
                         .type = type,
                         .driver = "GTiff",
                         .options = {std::string("INTERLEAVE=") + interleave, std::string("TILED=") + tiled,
                                     "BLOCKYSIZE=32", "BLOCKXSIZE=64", std::string("ENDIANNESS=") + order,
                                     std::string("BIGTIFF=") + big}})
                .reset();
            EXPECT_TRUE(reads_blocks(path));
            raw_bytes_read() = 0;
            expect_as_gdal(path, false);
            EXPECT_GT(raw_bytes_read(), 0U);
        }
}

INSTANTIATE_TEST_SUITE_P(All, RawTiffLayouts,
                         testing::Combine(testing::Values("PIXEL", "BAND"), testing::Values("YES", "NO"),
                                          testing::Values(GDT_Byte, GDT_UInt16, GDT_Int32, GDT_UInt32,
                                                          GDT_Float32, GDT_Float64)));

TEST(Reading, WhatPositionalReadsCannotDoIsLeftToGdal) {
    const Folder folder;
    const RasterSpec spec{.width = 300, .height = 200, .bands = 3, .type = GDT_UInt16, .driver = "GTiff"};
    const auto with = [&](const char* name, std::vector<std::string> options) {
        RasterSpec changed = spec;
        changed.options = std::move(options);
        const std::string path = folder / name;
        make_raster(path, changed).reset();
        return path;
    };
    EXPECT_FALSE(reads_blocks(with("bits.tif", {"NBITS=12"})));
    EXPECT_FALSE(reads_blocks(with("packed.tif", {"COMPRESS=LZW"})));
    const std::string whole = with("whole.tif", {"TILED=YES"});
    EXPECT_TRUE(reads_blocks(whole));
    EXPECT_FALSE(reads_blocks("/vsisubfile/0_0," + whole));

    // Nothing was ever written into it: its blocks are not stored.
    const std::string sparse = folder / "sparse.tif";
    const char* options[] = {"SPARSE_OK=TRUE", "TILED=YES", nullptr};
    GDALClose(GetGDALDriverManager()->GetDriverByName("GTiff")->Create(
        sparse.c_str(), 300, 200, 3, GDT_UInt16, const_cast<char**>(options)));
    EXPECT_FALSE(reads_blocks(sparse));

    const std::string mask = with("mask.tif", {});
    {
        const Dataset dataset(GDALDataset::FromHandle(GDALOpen(mask.c_str(), GA_Update)));
        ASSERT_EQ(dataset->CreateMaskBand(GMF_PER_DATASET), CE_None);
    }
    EXPECT_FALSE(reads_blocks(mask));
}

TEST(Reading, ARawTiffCutShortWhileItIsReadIsAnError) {
    const Folder folder;
    const std::string path = folder / "a.tif";
    make_raster(path, {.width = 300, .height = 200, .bands = 3, .type = GDT_UInt16, .driver = "GTiff"})
        .reset();
    const auto scene = open_scene(scene_of(path));
    const auto reader = scene->reader();
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    Cube cube;
    const std::vector<int> bands = {0, 1, 2};
    EXPECT_THAT([&] { reader->read(scene->info().grid.window(), bands, cube); },
                testing::ThrowsMessage<Error>(testing::AllOf(
                    testing::HasSubstr("a.tif"), testing::HasSubstr("cannot be read in window"))));
}

TEST(Reading, ASmallCacheChangesNothing) {
    const Folder folder;
    make_raster(folder / "a.tif", {.width = 300,
                                   .height = 200,
                                   .bands = 9,
                                   .type = GDT_UInt16,
                                   .options = {"INTERLEAVE=PIXEL", "COMPRESS=LZW"}})
        .reset();
    const GIntBig before = GDALGetCacheMax64();
    set_gdal_cache_bytes(40000);
    expect_as_gdal(folder / "a.tif", false);
    GDALSetCacheMax64(before);
}

TEST(Reading, SignedBytesKeepTheirSign) {
    const Folder folder;
    const auto dataset =
        make_raster(folder / "a.tif", {.bands = 1, .type = GDT_Byte, .options = {"PIXELTYPE=SIGNEDBYTE"}});
    if (GDALGetDataTypeByName("Int8") != GDT_Unknown) GTEST_SKIP() << "this GDAL has Int8 of its own";
    set_pixel(*dataset, 0, 0, 0, 200);  // -56
    dataset->GetRasterBand(1)->SetNoDataValue(-1);
    set_pixel(*dataset, 0, 1, 0, 255);
    dataset->FlushCache();
    const auto scene = open_scene(scene_of(folder / "a.tif"));
    EXPECT_EQ(scene->info().bands[0].type, DataType::Int8);
    Cube cube;
    const int band = 0;
    scene->reader()->read({0, 0, 3, 1}, {&band, 1}, cube);
    EXPECT_EQ(cube.values[0], -56);
    EXPECT_EQ(cube.valid, (std::vector<std::uint8_t>{1, 0, 1}));
}

TEST(Reading, SixtyFourBitAndComplexTypesAreConverted) {
    const Folder folder;
    make_raster(folder / "i.tif", {.type = GDT_Int64}).reset();
    make_raster(folder / "c.tif", {.type = GDT_CFloat32}).reset();
    for (const char* name : {"i.tif", "c.tif"}) {
        const auto scene = open_scene(scene_of(folder / name));
        EXPECT_FALSE(fits_float32(scene->info().bands[0].type));
        Cube cube;
        const int band = 1;
        scene->reader()->read({0, 0, 7, 5}, {&band, 1}, cube);
        EXPECT_EQ(cube.values, by_gdal(folder / name, {0, 0, 7, 5}, {1}));
    }
}

TEST(Reading, ACutEnviFileIsRefusedBeforeReading) {
    const Folder folder;
    make_raster(folder / "a.dat", {.type = GDT_Int16, .driver = "ENVI"}).reset();
    std::filesystem::resize_file(folder / "a.dat", 100);
    try {
        open_scene(scene_of(folder / "a.dat"));
        FAIL() << "it opened";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::scene);
        EXPECT_THAT(error.what(), testing::AllOf(testing::HasSubstr("100 bytes"), testing::HasSubstr("210"),
                                                 testing::HasSubstr("a.dat")));
    }
}

TEST(Reading, ACutEnviFileOfGdalsOwnReadingIsRefusedToo) {
    make_raster("/vsimem/cut.dat", {.type = GDT_CFloat32, .driver = "ENVI"}).reset();
    VSILFILE* file = VSIFOpenL("/vsimem/cut.dat", "rb+");
    VSIFTruncateL(file, 500);
    VSIFCloseL(file);
    EXPECT_THROW(open_scene(scene_of("/vsimem/cut.dat")), Error);
    VSIUnlink("/vsimem/cut.dat");
    VSIUnlink("/vsimem/cut.hdr");
}

TEST(Reading, ACutEnviFileThatGdalWillNotOpenIsSaidToBeCut) {
    const Folder folder;
    make_raster(folder / "a.dat", {.type = GDT_Int16, .driver = "ENVI"}).reset();
    for (const auto bytes : {0, 1, 100}) {
        std::filesystem::resize_file(folder / "a.dat", static_cast<std::uintmax_t>(bytes));
        for (const char* name : {"a.dat", "a.hdr"}) {
            SCOPED_TRACE(std::string(name) + " of " + std::to_string(bytes) + " bytes");
            try {
                open_scene(scene_of(folder / name));
                FAIL() << "it opened";
            } catch (const Error& error) {
                EXPECT_EQ(error.code(), Code::scene);
                EXPECT_THAT(error.what(), testing::HasSubstr("cut short"));
            }
        }
    }
}

TEST(Reading, AFileThatShrinksUnderTheReaderIsAReadError) {
    const Folder folder;
    make_raster(folder / "a.dat", {.type = GDT_Int16, .driver = "ENVI"}).reset();
    const auto scene = open_scene(scene_of(folder / "a.dat"));
    const auto reader = scene->reader();
    std::filesystem::resize_file(folder / "a.dat", 80);
    Cube cube;
    const int band = 2;
    try {
        reader->read({0, 0, 7, 5}, {&band, 1}, cube);
        FAIL() << "it was read";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::read);
        EXPECT_THAT(error.what(),
                    testing::AllOf(testing::HasSubstr("band 3"), testing::HasSubstr("7x5 at (0, 0)")));
    }
}

TEST(Reading, ADamagedBlockFailsItsWindowAndNoOther) {
    const Folder folder;
    make_raster(folder / "a.tif",
                {.width = 64, .height = 64, .bands = 1, .options = {"COMPRESS=DEFLATE", "BLOCKYSIZE=16"}})
        .reset();
    {
        // The last strip lies at the end of the file's data.
        const Dataset dataset(GDALDataset::Open(folder.operator/("a.tif").c_str()));
        const char* where = dataset->GetRasterBand(1)->GetMetadataItem("BLOCK_OFFSET_0_3", "TIFF");
        ASSERT_NE(where, nullptr);
        const long at = std::atol(where);
        std::fstream file(folder / "a.tif", std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(at);
        file << "damaged damaged";
    }
    const auto scene = open_scene(scene_of(folder / "a.tif"));
    const auto reader = scene->reader();
    Cube cube;
    const int band = 0;
    EXPECT_NO_THROW(reader->read({0, 0, 64, 48}, {&band, 1}, cube));
    try {
        reader->read({0, 40, 64, 24}, {&band, 1}, cube);
        FAIL() << "it was read";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::read);
        EXPECT_THAT(error.what(),
                    testing::AllOf(testing::HasSubstr("band 1"), testing::HasSubstr("64x24 at (0, 40)")));
        EXPECT_FALSE(error.detail().empty());
    }
}

TEST(Reading, AWindowOutsideIsOurOwnFault) {
    const Folder folder;
    make_raster(folder / "a.tif", {}).reset();
    const auto scene = open_scene(scene_of(folder / "a.tif"));
    Cube cube;
    const int band = 0;
    EXPECT_THROW(scene->reader()->read({0, 0, 8, 5}, {&band, 1}, cube), Error);
    const int none = 3;
    EXPECT_THROW(scene->reader()->read({0, 0, 7, 5}, {&none, 1}, cube), Error);
}

TEST(Reading, BytesOfPositionalReadsAreCounted) {
    const Folder folder;
    make_raster(folder / "a.dat",
                {.width = 10, .height = 8, .bands = 2, .type = GDT_UInt16, .driver = "ENVI"})
        .reset();
    const auto scene = open_scene(scene_of(folder / "a.dat"));
    raw_bytes_read() = 0;
    Cube cube;
    const int band = 1;
    scene->reader()->read({0, 0, 10, 8}, {&band, 1}, cube);
    EXPECT_EQ(raw_bytes_read(), 160U);
}

TEST(Reading, BytesThroughGdalAreCounted) {
    const Folder folder;
    make_raster(folder / "a.tif", {.width = 100, .height = 80, .bands = 2}).reset();
    install_counting_files();
    counted_vsi_bytes_read() = 0;
    const std::string name = counted_name(folder / "a.tif");
    expect_as_gdal(name, false);
    EXPECT_GE(counted_vsi_bytes_read(), 100U * 80 * 2 * 2);
}

}  // namespace
}  // namespace spectile
