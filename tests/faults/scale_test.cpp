// Scenes and runs as large as they get: memory must follow the plan, not the scene.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

/// What malloc keeps and page granularity adds on top of the budget, in MiB.
constexpr double kSlack_MiB = 24;
constexpr double kHour = 3600;

class Scale : public testing::Test {
protected:
    Scale() { folder.write("identity/model.yaml", "spectile: 1\narchitecture: identity\n"); }

    /// A sparse scene in which nothing is measured but a square of noise somewhere inside.
    void almost_empty(int side, int noise_side, int at) const {
        const std::string size = std::to_string(side);
        gdal({"gdal_create", "-q",          "-of",
              "GTiff",       "-outsize",    size,
              size,          "-bands",      "4",
              "-ot",         "UInt16",      "-a_nodata",
              "0",           "-a_ullr",     "0",
              size,          size,          "0",
              "-a_srs",      "EPSG:32633",  "-co",
              "TILED=YES",   "-co",         "SPARSE_OK=TRUE",
              "-co",         "BIGTIFF=YES", folder / "scene.tif"});
        std::string text = "ncols 64\nnrows 64\nxllcorner 0\nyllcorner 0\ncellsize 1\n";
        for (unsigned i = 0, state = 1; i < 4096; ++i, state = state * 1664525U + 1013904223U)
            text += std::to_string(1 + (state >> 20)) + (i % 64 == 63 ? "\n" : " ");
        folder.write("noise.asc", text);
        const std::string edge = std::to_string(at), other = std::to_string(at + noise_side);
        gdal({"gdal_translate",
              "-q",
              "-ot",
              "UInt16",
              "-outsize",
              std::to_string(noise_side),
              std::to_string(noise_side),
              "-b",
              "1",
              "-b",
              "1",
              "-b",
              "1",
              "-b",
              "1",
              "-a_srs",
              "EPSG:32633",
              "-a_ullr",
              edge,
              other,
              other,
              edge,
              folder / "noise.asc",
              folder / "noise.tif"});
        gdal({"gdalwarp", "-q", "-r", "near", folder / "noise.tif", folder / "scene.tif"});
    }
    std::string pipeline(const std::string& model, const std::string& kind, const std::string& bands) const {
        return folder.write("p.yaml", "spectile: 1\nscene: {path: scene.tif" + bands + "}\nmodel: " + model +
                                          "\nproducts:\n  " + kind + ": {path: out.tif, format: GTiff}\n");
    }
    const Folder folder;
};

struct Architecture {
    std::string name, product, bands;
};

TEST_F(Scale, SixtyThousandSquaredStaysWithinItsBudgetForEveryArchitecture) {
    almost_empty(60000, 700, 31000);
    for (const auto& [name, product, bands] :
         std::vector<Architecture>{{"identity", "bands", ""},
                                   {"spectral_mamba", "class_map", ""},
                                   {"mim_istd", "mask", ", bands: [1]"},
                                   {"spectral_gpt", "class_map", ", bands: [1, 2, 3]"},
                                   {"local", "class_map", ", bands: [1, 2, 3]"}}) {
        SCOPED_TRACE(name);
        const std::string model = folder / name;
        if (name != "identity") {
            const std::string maker = name == "local" ? "tests/make_torchscript" : "tests/make_network";
            ASSERT_EQ(run({built(maker), model, name}).status, 0);
        }
        const auto outcome = run_spectile({"run", pipeline(model, product, bands), "--memory", "1GiB",
                                           "--threads", "2", "--overwrite", "--json", "-q"},
                                          kHour);
        ASSERT_EQ(outcome.status, 0) << outcome.err;
        EXPECT_LT(outcome.peak_mib, 1024 + kSlack_MiB);
        const auto report = nlohmann::json::parse(outcome.out);
        // identity hands tiles through as they are stored: of the nine that hold something every pixel
        // counts.
        EXPECT_EQ(report["pixels_valid"], name == "identity" ? 9 * 512 * 512 : 700 * 700);
        const auto tiles = report["tiles"].get<std::int64_t>(),
                   empty = report["tiles_empty"].get<std::int64_t>();
        EXPECT_GT(tiles - empty, 0);
        EXPECT_LE(tiles - empty, 200);
        std::cout << name << ": peak " << outcome.peak_mib << " MiB, " << tiles << " tiles, " << outcome.cpu_s
                  << " CPU s\n";
    }
}

TEST_F(Scale, AHundredThousandTilesTakeNoMoreThanHalfAsMany) {
    std::vector<double> peaks;
    for (const char* height : {"5120", "10240"}) {
        gdal({"gdal_create", "-q", "-of", "GTiff", "-outsize", "10240", height, "-bands", "1", "-burn", "7",
              "-co", "TILED=YES", folder / "scene.tif"});
        const auto outcome = run_spectile(
            {"run", pipeline("identity", "bands", ""), "--memory", "256MiB", "--threads", "2", "--overwrite",
             "--json", "-q", "--set", "tiling.tile=32", "--set", "tiling.part=1024"},
            kHour);
        ASSERT_EQ(outcome.status, 0) << outcome.err;
        EXPECT_EQ(nlohmann::json::parse(outcome.out)["tiles"], 320 * std::stoi(height) / 32);
        peaks.push_back(outcome.peak_mib);
        std::cout << height << " rows: peak " << outcome.peak_mib << " MiB, " << outcome.cpu_s << " CPU s\n";
    }
    EXPECT_LT(peaks[1], 1.05 * peaks[0]);
}

}  // namespace
}  // namespace spectile::test
