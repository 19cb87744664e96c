#include "products/warp_parts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "products_fixture.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

constexpr int kBlock = 128;
constexpr std::uint64_t kLittle = 1 << 16, kMuch = 1 << 28;

std::string wkt_of_epsg(int code) {
    OGRSpatialReference crs;
    crs.importFromEPSG(code);
    char* text = nullptr;
    crs.exportToWkt(&text);
    const std::string out = text;
    CPLFree(text);
    return out;
}

Grid grid_of(int epsg, std::int64_t width, std::int64_t height, const std::array<double, 6>& geotransform) {
    Grid grid;
    grid.width = width;
    grid.height = height;
    grid.georeference.crs_wkt = wkt_of_epsg(epsg);
    grid.georeference.has_geotransform = true;
    grid.georeference.geotransform = geotransform;
    return grid;
}

Grid source_grid() { return grid_of(32633, 400, 300, {700000, 30, 0, 5800000, 0, -30}); }

/// The neighbouring zone, in which the source lies askew.
TargetGrid neighbour_zone() {
    TargetGrid target;
    target.grid = grid_of(32634, 460, 380, {290000, 30, 0, 5801000, 0, -30});
    target.resolution = 30;
    target.operation.pipeline =
        "+proj=pipeline +step +inv +proj=utm +zone=33 +ellps=WGS84 +step +proj=utm +zone=34 +ellps=WGS84";
    target.resampling = "bilinear";
    target.class_resampling = "near";
    return target;
}

RasterFormat values_format() {
    RasterFormat format;
    format.type = DataType::Float32;
    format.bands = 2;
    format.nodata = -1;
    return format;
}

/// Noise, with a hole.
float noise_at(int band, std::int64_t row, std::int64_t col) {
    if (row > 100 && row < 140 && col > 50 && col < 90) return -1;
    return static_cast<float>((row * 7919 + col * 104729 + band * 31) % 1000) / 1000;
}

template <typename T>
std::vector<T> values_of(const std::string& path, int band, const Grid& grid) {
    std::vector<T> out(static_cast<std::size_t>(grid.window().area()));
    const auto dataset = open(path);
    const int width = static_cast<int>(grid.width), height = static_cast<int>(grid.height);
    EXPECT_EQ(dataset->GetRasterBand(band)->RasterIO(GF_Read, 0, 0, width, height, out.data(), width, height,
                                                     sizeof(T) == 1 ? GDT_Byte : GDT_Float32, 0, 0, nullptr),
              CE_None);
    return out;
}

TEST(WarpParts, MemoryChangesNoPixel) {
    const ScratchFolder folder;
    const auto job = job_of<float>(folder, source_grid(), values_format(), kBlock, 256, noise_at);
    for (const char* resampling : {"near", "bilinear", "cubic", "cubicspline", "lanczos", "average"}) {
        auto target = neighbour_zone();
        target.resampling = resampling;
        const auto much = warp_parts(job, target, folder / "much.tif", kMuch);
        const auto little = warp_parts(job, target, folder / "little.tif", kLittle);
        EXPECT_EQ(much.parts.front().blocks, little.parts.front().blocks) << resampling;
        const auto values = values_of<float>(folder / "much.tif", 1, target.grid);
        const auto measured = std::count_if(values.begin(), values.end(), [](float v) { return v >= 0; });
        EXPECT_GT(measured, 100000) << resampling;
        EXPECT_LT(measured, 120000) << resampling;
    }
}

TEST(WarpParts, NodataIsNotMixedIn) {
    const ScratchFolder folder;
    const Pixel<float> flat = [](int band, std::int64_t row, std::int64_t col) {
        return noise_at(band, row, col) < 0 ? -1.0F : 0.5F;
    };
    const auto job = job_of<float>(folder, source_grid(), values_format(), kBlock, 256, flat);
    const auto target = neighbour_zone();
    warp_parts(job, target, folder / "warped.tif", kMuch);
    for (const int band : {1, 2})
        for (const float value : values_of<float>(folder / "warped.tif", band, target.grid))
            ASSERT_TRUE(value == -1 || std::abs(value - 0.5F) < 1e-6F) << value;
}

TEST(WarpParts, ClassesKeepTheirValues) {
    const ScratchFolder folder;
    RasterFormat format;
    format.nodata = 0;
    format.overviews = OverviewResampling::mode;
    const Pixel<std::uint8_t> classes = [](int, std::int64_t row, std::int64_t col) {
        return static_cast<std::uint8_t>((row / 3 + col / 5) % 2 ? 1 : 200);
    };
    const auto job = job_of<std::uint8_t>(folder, source_grid(), format, kBlock, 256, classes);
    for (const char* resampling : {"near", "mode"}) {
        auto target = neighbour_zone();
        target.class_resampling = resampling;
        warp_parts(job, target, folder / "warped.tif", kMuch);
        const auto values = values_of<std::uint8_t>(folder / "warped.tif", 1, target.grid);
        EXPECT_EQ(std::set<int>(values.begin(), values.end()), (std::set<int>{0, 1, 200})) << resampling;
    }
}

TEST(WarpParts, OntoItsOwnGridNothingChanges) {
    const ScratchFolder folder;
    const auto job = job_of<float>(folder, source_grid(), values_format(), kBlock, 512, noise_at);
    TargetGrid target = neighbour_zone();
    target.grid = source_grid();
    target.operation = {};
    const auto warped = warp_parts(job, target, folder / "warped.tif", kLittle);
    EXPECT_EQ(warped.parts.front().blocks, job.parts.front().blocks);
}

TEST(WarpParts, AssemblesWithRecordAndGeoreferenceOfTheTarget) {
    const ScratchFolder folder;
    const auto job = job_of<float>(folder, source_grid(), values_format(), kBlock, 256, noise_at);
    const auto target = neighbour_zone();
    const auto result = assemble(warp_parts(job, target, folder / "warped.tif", kMuch));
    const auto dataset = open(result.partial_path);
    EXPECT_EQ(dataset->GetRasterXSize(), 460);
    double geotransform[6];
    ASSERT_EQ(dataset->GetGeoTransform(geotransform), CE_None);
    EXPECT_EQ(geotransform[0], 290000);
    EXPECT_STREQ(dataset->GetSpatialRef()->GetAuthorityCode(nullptr), "32634");
    EXPECT_EQ(dataset->GetRasterBand(1)->GetNoDataValue(), -1);
}

TEST(WarpParts, WithoutNodataNothingCouldStandBesideTheScene) {
    RasterFormat format = values_format();
    EXPECT_NO_THROW(check_warp(format, neighbour_zone(), "here: "));
    format.nodata.reset();
    EXPECT_THROW(check_warp(format, neighbour_zone(), "here: "), Error);
    format.overviews = OverviewResampling::nearest;  // Counts: none is 0.
    EXPECT_NO_THROW(check_warp(format, neighbour_zone(), "here: "));
}

}  // namespace
}  // namespace spectile::products
