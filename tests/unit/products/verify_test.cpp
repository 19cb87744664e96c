#include "products/verify.hpp"

#include <gmock/gmock.h>

#include "core/text_file.hpp"
#include "products/publish.hpp"
#include "products/record.hpp"
#include "products_fixture.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

/// A published class map with a colour table, a sidecar and a record.
struct Verify : testing::Test {
    ScratchFolder folder;
    std::string product = folder / "map.tif";

    Verify() {
        RasterFormat format;
        format.colors = {{0, 0, 0, 0}, {255, 0, 0, 255}};
        format.categories = {"nodata", "red"};
        format.overviews = OverviewResampling::mode;
        auto job = job_of<std::uint8_t>(
            folder, {300, 200, {}}, format, 128, 256,
            [](int, std::int64_t row, std::int64_t col) {
                return static_cast<std::uint8_t>(row * 31 + col * 17);
            },
            "map.tif");
        const auto result = assemble(job);
        const std::string record = result.temporary + "/record";
        write_text_file(record, to_json(make_record("class_map", "{}", job, result)));
        auto renames = result.renames;
        renames.emplace_back(record, record_path(product));
        publish({renames, {}, {result.temporary}}, folder / "journal");
    }
    void flip_bit(const std::string& path, std::int64_t at) {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(at);
        const int byte = file.get();
        file.seekp(at);
        file.put(static_cast<char>(byte ^ 4));
    }
    Error fault() {
        try {
            verify(product);
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "nothing was found";
        return Error(Code::internal, "");
    }
};

TEST_F(Verify, AWholeProductPasses) {
    const auto report = verify(product);
    EXPECT_EQ(report.blocks, 6);
    EXPECT_THAT(report.files, testing::ElementsAre("map.tif", "map.tif.aux.xml"));
    EXPECT_EQ(report.kind, "class_map");
}

TEST_F(Verify, EveryFlippedBitIsFound) {
    const auto size = static_cast<std::int64_t>(std::filesystem::file_size(product));
    for (std::int64_t at = 0; at < size; at += size / 40 + 1) {
        flip_bit(product, at);
        const auto report = check_product(product);
        EXPECT_FALSE(report.fault.empty()) << "bit of byte " << at;
        flip_bit(product, at);
    }
    EXPECT_TRUE(check_product(product).fault.empty());
}

TEST_F(Verify, AChangedPixelNamesItsBlockAndWindow) {
    {
        GDALDataset* dataset = GDALDataset::Open(product.c_str(), GDAL_OF_RASTER | GDAL_OF_UPDATE);
        ASSERT_TRUE(dataset);
        std::uint8_t value = 77;
        ASSERT_EQ(dataset->GetRasterBand(1)->RasterIO(GF_Write, 299, 150, 1, 1, &value, 1, 1, GDT_Byte, 0, 0,
                                                      nullptr),
                  CE_None);
        GDALClose(dataset);
    }
    const auto report = check_product(product);
    EXPECT_EQ(report.bad_block, 5);
    EXPECT_EQ(report.bad_window, (Window{256, 128, 44, 72}));
    EXPECT_EQ(fault().code(), Code::verification);
    EXPECT_THAT(fault().what(), testing::HasSubstr("block 5, window 44x72 at (256, 128), differs"));
}

TEST_F(Verify, SidecarsAreCheckedToo) {
    flip_bit(product + ".aux.xml", 30);
    EXPECT_THAT(fault().what(), testing::HasSubstr("map.tif.aux.xml: "));
    std::filesystem::remove(product + ".aux.xml");
    EXPECT_THAT(fault().what(), testing::HasSubstr("map.tif.aux.xml: is not there"));
}

TEST_F(Verify, StatisticsThatSomebodyLookedAtAreNotedAndNoFault) {
    {
        GDALDataset* dataset = GDALDataset::Open(product.c_str(), GDAL_OF_RASTER);
        ASSERT_TRUE(dataset);
        double least = 0, most = 0, mean = 0, deviation = 0;
        ASSERT_EQ(dataset->GetRasterBand(1)->GetStatistics(false, true, &least, &most, &mean, &deviation),
                  CE_None);
        GDALClose(dataset);
    }
    const auto report = verify(product);
    EXPECT_THAT(report.notes, testing::ElementsAre(testing::HasSubstr("map.tif.aux.xml: differs")));
    EXPECT_EQ(report.blocks, 6);
    flip_bit(product + ".aux.xml", 1);  // No XML any more.
    EXPECT_THAT(fault().what(), testing::HasSubstr("map.tif.aux.xml: differs"));
}

TEST_F(Verify, MissingProductsAndRecordsAreInputMissing) {
    std::filesystem::remove(record_path(product));
    EXPECT_EQ(fault().code(), Code::missing);
    std::filesystem::remove(product);
    EXPECT_EQ(fault().code(), Code::missing);
}

}  // namespace
}  // namespace spectile::products
