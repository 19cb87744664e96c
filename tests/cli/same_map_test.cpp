// The promise of equal bytes, for every architecture, as a user would check it: by the SHA-256 of what lies
// on disk.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>

#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"
#include "core/checksum.hpp"

namespace spectile::test {
namespace {

namespace fs = std::filesystem;

class SameMap : public testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        const std::string architecture = GetParam();
        spectral = architecture == "spectral_mamba";
        if (spectral && !kSanitized) {
            model = SPECTILE_SOURCE_DIR "/models/enmap-landcover";
            ASSERT_EQ(run({built("examples/simulate_scene"), folder / "scene", "--size", "530x540"}).status,
                      0);
            return;
        }
        model = folder / "model";
        ASSERT_EQ(run({built("examples/simulate_scene"), folder / "many", "--size", "530x540"}).status, 0);
        if (architecture == "mim_istd") {
            ASSERT_EQ(run({built("tests/make_network"), model, architecture}).status, 0);
            gdal({"gdal_translate", "-q", "-of", "ENVI", "-b", "60", folder / "many.dat",
                  folder / "scene.dat"});
            return;
        }
        if (architecture.starts_with("spectral_gpt") ||
            spectral) {  // The shipped network is too slow for sanitizers.
            ASSERT_EQ(run({built("tests/make_network"), model, architecture}).status, 0);
            std::vector<std::string> command = {
                "gdal_translate", "-q", "-of", "ENVI", "-b", "20", "-b", "60", "-b", "120"};
            if (spectral) command.insert(command.end(), {"-b", "160"});
            command.insert(command.end(), {folder / "many.dat", folder / "scene.dat"});
            gdal(command);
            return;
        }
        if (architecture == "identity")
            folder.write("model/model.yaml", "spectile: 1\narchitecture: identity\n");
        else
            ASSERT_EQ(run({built("tests/make_torchscript"), model, architecture}).status, 0);
        gdal({"gdal_translate", "-q", "-of", "ENVI", "-b", "20", "-b", "60", "-b", "120", "-outsize", "1100",
              "1200", folder / "many.dat", folder / "scene.dat"});
    }

    /// Every kind of product that the model gives, and rasters in drivers that write down the time if they
    /// may.
    static std::string products(const std::string& name) {
        const std::string architecture = GetParam();
        const auto product = [&](const std::string& kind, const std::string& file,
                                 const std::string& more = "") {
            return "  " + kind + ": {path: " + name + "/" + file + more + "}\n";
        };
        if (architecture == "identity") return product("bands", "bands.tif");
        const auto scores = product("probabilities", "probabilities.tif");
        if (architecture == "mim_istd")
            return scores + product("mask", "mask.tif") +
                   product("detections", "targets.gpkg", ", threshold: 0.45");
        if (architecture == "spectral_gpt_labels")
            return product("class_map", "map.tif") + product("labels", "labels.gpkg") +
                   scores.substr(0, scores.size() - 2) + ", type: uint8}\n";
        return scores + product("class_map", "map.tif") +
               product("confidence", "confidence.nc", ", format: netCDF");
    }

    std::string definition(const std::string& name, const std::string& tiling) const {
        return folder.write(name + ".yaml", "spectile: 1\nscene: {path: scene.dat}\nmodel: " + model +
                                                "\ntiling: {" + tiling + "}\nproducts:\n" + products(name) +
                                                "  coverage: {path: " + name + "/coverage.tif}\n");
    }

    /// SHA-256 of all that a run leaves but the provenance, which says when and where.
    std::map<std::string, std::string> sums(const std::string& name) const {
        std::map<std::string, std::string> out;
        for (const auto& entry : fs::directory_iterator(folder / name)) {
            const auto file = entry.path().filename().string();
            if (!file.ends_with(".provenance.json")) out[file] = sha256_of_file(entry.path());
        }
        return out;
    }

    std::map<std::string, std::string> made(const std::string& name, std::vector<std::string> options,
                                            const std::string& tiling = "part: 512") {
        options.insert(options.begin(), {"run", definition(name, tiling)});
        const auto outcome = run_spectile(options);
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        return sums(name);
    }

    const Folder folder;
    std::string model;
    bool spectral = false;
};

TEST_P(SameMap, WhateverThreadsPartsMemoryAndShards) {
    const auto straight = made("straight", {"--threads", "1"});
    ASSERT_GE(straight.size(), 4u);
    for (const char* threads : {"2", "3", "8"})
        EXPECT_EQ(made(std::string("threads") + threads, {"--threads", threads}), straight) << threads;
    EXPECT_EQ(made("large", {"--threads", "2"}, "part: 4096"), straight);
    EXPECT_EQ(made("odd", {"--threads", "2"}, "part: 1000"), straight);
    const auto refused = run_spectile({"run", definition("least", "part: 512"), "--memory", "8MiB"});
    ASSERT_EQ(refused.status, 71) << refused.err;
    std::smatch figure;
    ASSERT_TRUE(std::regex_search(refused.err, figure, std::regex("needs ([0-9]+) MiB")));
    EXPECT_EQ(made("least", {"--threads", "2", "--memory", figure[1].str() + "MiB"}), straight) << figure[1];
    EXPECT_EQ(made("most", {"--threads", "2", "--memory", "4GiB"}), straight);
}

TEST_P(SameMap, OfShardsInAnyNumber) {
    const auto straight = made("straight", {"--threads", "2"});
    for (const int shards : {1, 7, 64}) {
        const std::string name = "shards" + std::to_string(shards);
        const auto pipeline = definition(name, "part: 512");
        for (int shard = shards; shard >= 1; --shard) {
            const auto outcome = run_spectile(
                {"run", pipeline, "--shard", std::to_string(shard) + "/" + std::to_string(shards), "-q"});
            ASSERT_EQ(outcome.status, 0) << outcome.err;
            // Of 64 shards most hold no part here; a few of them will do.
            if (shards == 64 && shard > 8) shard -= 7;
        }
        auto merged = run_spectile({"merge", pipeline});
        if (merged.status == 75) {
            EXPECT_EQ(run_spectile({"run", pipeline, "-q"}).status, 0);
        } else {
            EXPECT_EQ(merged.status, 0) << merged.err;
        }
        EXPECT_EQ(sums(name), straight) << shards;
    }
}

/// One tile over all against many: exactly equal for local models; for the others the difference is a figure.
TEST_P(SameMap, HasNoSeamsWhereTheModelIsLocal) {
    const std::string architecture = GetParam();
    std::vector<std::string> command = {"seams", model, folder / "scene.dat", "--json"};
    if (!architecture.starts_with("spectral_gpt"))  // It reads one size.
        for (const char* more : {"--set", architecture == "mim_istd" ? "tiling.tile=64" : "tiling.tile=96"})
            command.push_back(more);
    const auto outcome = run_spectile(command);
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto seams = nlohmann::json::parse(outcome.out);
    EXPECT_GT(seams["all"]["pixels"], 250000);
    EXPECT_GT(seams["near"]["pixels"], 5000);
    const auto largest = seams["all"]["largest"].get<double>();
    if (architecture == "identity" || spectral) {
        EXPECT_EQ(largest, 0);
    } else if (architecture == "local") {
        // LibTorch chooses how to convolve by the size of what it is given, so the last bit may differ.
        EXPECT_LT(largest, 2e-6);
        EXPECT_EQ(seams["all"]["changed"], 0);
    } else {
        EXPECT_GT(largest, 1e-6) << "a network that sees all of its tile must show its seams here";
    }
}

INSTANTIATE_TEST_SUITE_P(Architectures, SameMap,
                         testing::Values("identity", "spectral_mamba", "mim_istd", "spectral_gpt",
                                         "spectral_gpt_labels", "local", "global"),
                         [](const auto& architecture) { return std::string(architecture.param); });

}  // namespace
}  // namespace spectile::test
