#include "products/seam_figures.hpp"

#include <gdal_priv.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

#include "products/gdal_dataset.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

constexpr int kWidth = 10, kHeight = 9, kChannels = 2;
constexpr float kNodata = -1;

/// Two channels of 0.25 and 0.75, but for the pixels given.
class CompareRasters : public testing::Test {
protected:
    struct Pixel {
        int col, row;
        float first, second;
    };
    CompareRasters() {
        start_gdal();
        std::filesystem::create_directories(folder_);
    }
    ~CompareRasters() override { std::filesystem::remove_all(folder_); }

    std::string raster(const std::string& name, const std::vector<Pixel>& pixels) const {
        std::vector<float> values(kWidth * kHeight * kChannels, 0.25F);
        std::fill(values.begin() + kWidth * kHeight, values.end(), 0.75F);
        for (const auto& [col, row, first, second] : pixels) {
            values[static_cast<std::size_t>(row * kWidth + col)] = first;
            values[static_cast<std::size_t>(kWidth * kHeight + row * kWidth + col)] = second;
        }
        const std::string path = (folder_ / name).string();
        auto* dataset = GetGDALDriverManager()->GetDriverByName("GTiff")->Create(
            path.c_str(), kWidth, kHeight, kChannels, GDT_Float32, nullptr);
        for (int band = 1; band <= kChannels; ++band) dataset->GetRasterBand(band)->SetNoDataValue(kNodata);
        EXPECT_EQ(dataset->RasterIO(GF_Write, 0, 0, kWidth, kHeight, values.data(), kWidth, kHeight,
                                    GDT_Float32, kChannels, nullptr, 0, 0, 0, nullptr),
                  CE_None);
        GDALClose(dataset);
        return path;
    }

    const std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("spectile-seams-" + std::to_string(getpid()));
};

TEST_F(CompareRasters, FindsNothingBetweenEqualOnes) {
    const auto seams = compare_tiled(raster("a.tif", {}), raster("b.tif", {}), 4);
    EXPECT_EQ(seams.all.pixels, kWidth * kHeight);
    // Columns 3, 4, 7, 8 and rows 3, 4, 7, 8 lie beside a line between tiles of 4.
    EXPECT_EQ(seams.near.pixels, kWidth * kHeight - 6 * 5);
    EXPECT_EQ(seams.all.largest, 0);
    EXPECT_EQ(seams.all.changed, 0);
}

TEST_F(CompareRasters, TellsSeamsFromTheRest) {
    // One pixel amid a tile that changes its class, one beside a seam that does not.
    const auto seams = compare_tiled(raster("a.tif", {{1, 1, 0.75F, 0.25F}, {4, 1, 0.375F, 0.625F}}),
                                     raster("b.tif", {}), 4);
    EXPECT_EQ(seams.all.changed, 1);
    EXPECT_EQ(seams.all.largest, 0.5);
    EXPECT_EQ(seams.all.sum, 1.25);
    EXPECT_EQ(seams.all.values, kWidth * kHeight * kChannels);
    EXPECT_EQ(seams.near.changed, 0);
    EXPECT_EQ(seams.near.largest, 0.125);
    EXPECT_EQ(seams.near.sum, 0.25);
}

TEST_F(CompareRasters, CountsAPixelThatOnlyOneHas) {
    const std::vector<Pixel> hole = {{0, 0, kNodata, kNodata}};
    const auto seams = compare_tiled(raster("a.tif", hole), raster("b.tif", {}), 4);
    EXPECT_EQ(seams.all.changed, 1);
    EXPECT_EQ(seams.all.pixels, kWidth * kHeight - 1);
    const auto both = compare_tiled(raster("a.tif", hole), raster("b.tif", hole), 4);
    EXPECT_EQ(both.all.changed, 0);
    EXPECT_EQ(both.all.largest, 0);
}

}  // namespace
}  // namespace spectile::products
