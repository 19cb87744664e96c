#pragma once

#include <gdal_priv.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "gdal/setup.hpp"

namespace spectile::testing_raster {

/// A folder for the files of one test, removed with the object.
class Folder {
public:
    Folder() {
        const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
        std::string name =
            std::string(test->test_suite_name()) + "." + test->name() + "." + std::to_string(::getpid());
        for (char& c : name)
            if (c == '/') c = '_';
        path_ = std::filesystem::temp_directory_path() / ("spectile." + name);
        std::filesystem::create_directories(path_);
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::string operator/(const std::string& name) const { return (path_ / name).string(); }
    std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

inline void write_text(const std::string& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    ASSERT_TRUE(file.good()) << path;
}

using Dataset = std::unique_ptr<GDALDataset>;

struct RasterSpec {
    int width = 7, height = 5, bands = 3;
    GDALDataType type = GDT_UInt16;
    std::string driver = "GTiff";
    std::vector<std::string> options = {};
};

/// Value of a pixel in the files that `make_raster` writes: different for each band and pixel, within a byte.
inline double pixel_value(int band, int x, int y) { return (band * 31 + y * 7 + x * 3) % 200 + 1; }

/// A new file with `pixel_value` in it, still open for more. Close it by letting go of it.
inline Dataset make_raster(const std::string& path, const RasterSpec& spec) {
    start_gdal();
    std::vector<const char*> options;
    for (const auto& option : spec.options) options.push_back(option.c_str());
    options.push_back(nullptr);
    GDALDriver* driver = GetGDALDriverManager()->GetDriverByName(spec.driver.c_str());
    Dataset dataset(driver->Create(path.c_str(), spec.width, spec.height, spec.bands, spec.type,
                                   const_cast<char**>(options.data())));
    EXPECT_TRUE(dataset) << path;
    std::vector<double> values(static_cast<std::size_t>(spec.width * spec.height));
    for (int band = 0; band < spec.bands; ++band) {
        for (int y = 0; y < spec.height; ++y)
            for (int x = 0; x < spec.width; ++x)
                values[static_cast<std::size_t>(y * spec.width + x)] = pixel_value(band, x, y);
        EXPECT_EQ(
            dataset->GetRasterBand(band + 1)->RasterIO(GF_Write, 0, 0, spec.width, spec.height, values.data(),
                                                       spec.width, spec.height, GDT_Float64, 0, 0, nullptr),
            CE_None);
    }
    return dataset;
}

/// Writes one pixel of one band (from 0).
inline void set_pixel(GDALDataset& dataset, int band, int x, int y, double value) {
    EXPECT_EQ(dataset.GetRasterBand(band + 1)->RasterIO(GF_Write, x, y, 1, 1, &value, 1, 1, GDT_Float64, 0, 0,
                                                        nullptr),
              CE_None);
}

/// North-up, 10 m pixels, UTM 33N.
inline void georeference(GDALDataset& dataset, double left = 500000, double top = 5800000,
                         double pixel = 10) {
    double transform[6] = {left, pixel, 0, top, 0, -pixel};
    EXPECT_EQ(dataset.SetGeoTransform(transform), CE_None);
    OGRSpatialReference crs;
    crs.importFromEPSG(32633);
    EXPECT_EQ(dataset.SetSpatialRef(&crs), CE_None);
}

}  // namespace spectile::testing_raster
