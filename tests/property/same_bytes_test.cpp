// Laws of whole runs: the identity model gives back the scene whatever the tiling, and no product changes by
// a byte with threads, tiles, parts, shards, memory, or a run that was stopped and resumed.
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "core/checksum.hpp"
#include "raster/open_scene.hpp"
#include "run/run_pipeline.hpp"
#include "spectile/error.hpp"
#include "support/envi_file.hpp"

namespace spectile::run {
namespace {

namespace fs = std::filesystem;

double pixel(int band, std::int64_t y, std::int64_t x) {
    if ((x / 37 + y / 23) % 11 == 3) return 65535;  // nodata holes
    return static_cast<double>((band * 7919 + y * 613 + x * 31) % 60000);
}

class SameBytes : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("same-bytes-" + std::to_string(::getpid()));
        fs::remove_all(folder_);
        fs::create_directories(folder_ / "model");
        std::ofstream(folder_ / "model/model.yaml") << "spectile: 1\narchitecture: identity\n";
        test::write_envi<std::uint16_t>((folder_ / "scene.dat").string(),
                                        {700, 610, 3, 12, "data ignore value = 65535\n"}, pixel);
    }
    void TearDown() override { fs::remove_all(folder_); }

    ProductDefinition product(const std::string& kind, const std::string& out) const {
        ProductDefinition definition;
        definition.kind = kind;
        definition.path = (folder_ / out / (kind + ".tif")).string();
        return definition;
    }

    Pipeline pipeline(const std::string& out) const {
        Pipeline p;
        p.scenes.resize(1);
        p.scenes[0].paths = {(folder_ / "scene.dat").string()};
        p.model = (folder_ / "model").string();
        p.products = {product("bands", out)};
        return p;
    }

    static RunOptions options(int threads) {
        RunOptions o;
        o.threads = threads;
        o.memory_bytes = std::uint64_t{2} << 30;
        return o;
    }

    /// SHA-256 of what a run leaves that must not depend on how it was done.
    std::map<std::string, std::string> hashes(const std::string& out) const {
        std::map<std::string, std::string> sums;
        for (const auto& item : fs::directory_iterator(folder_ / out)) {
            const auto name = item.path().filename().string();
            if (item.is_regular_file() && !name.ends_with(".provenance.json"))
                sums[name] = sha256_of_file(item.path().string());
        }
        return sums;
    }

    fs::path folder_;
};

TEST_F(SameBytes, IdentityGivesBackEveryPixelWhateverTheTiling) {
    int run = 0;
    for (const auto& [tile, halo, part] : std::vector<std::tuple<int, int, int>>{
             {0, 0, 0}, {64, 0, 512}, {100, 7, 512}, {33, 1, 1000}, {700, 3, 0}}) {
        Pipeline p = pipeline("identity" + std::to_string(run++));
        p.tiling.tile = tile;
        p.tiling.part = part;
        p.tiling.halo = halo;
        run_pipeline(p, options(2));
        SceneDefinition product;
        product.paths = {p.products[0].path};
        const auto scene = open_scene(product);
        ASSERT_EQ(scene->info().grid.width, 700);
        EXPECT_EQ(scene->info().bands.at(0).type, DataType::UInt16);
        Cube cube;
        const std::vector<int> bands = {0, 1, 2};
        scene->reader()->read({0, 0, 700, 610}, bands, cube);
        for (int band = 0; band < 3; ++band)
            for (std::int64_t y = 0; y < 610; ++y)
                for (std::int64_t x = 0; x < 700; ++x) {
                    const auto i = static_cast<std::size_t>(y * 700 + x);
                    const double expected = pixel(band, y, x);
                    ASSERT_EQ(cube.valid[i] != 0, expected != 65535) << band << " " << y << " " << x;
                    if (expected == 65535) continue;
                    ASSERT_EQ(cube.band(band)[i], static_cast<float>(expected))
                        << band << " " << y << " " << x;
                }
    }
}

TEST_F(SameBytes, ThreadsPartsMemoryAndTilesOfALocalModelChangeNoByte) {
    run_pipeline(pipeline("a"), options(1));
    const auto reference = hashes("a");
    ASSERT_GE(reference.size(), 2u);
    for (const int threads : {2, 3, 8}) {
        const auto name = "threads" + std::to_string(threads);
        run_pipeline(pipeline(name), options(threads));
        EXPECT_EQ(hashes(name), reference) << name;
    }
    for (const int part : {512, 1000, 4096}) {
        Pipeline p = pipeline("part" + std::to_string(part));
        p.tiling.part = part;
        run_pipeline(p, options(2));
        EXPECT_EQ(hashes("part" + std::to_string(part)), reference) << part;
    }
    RunOptions small = options(2);
    small.memory_bytes = std::uint64_t{320} << 20;
    run_pipeline(pipeline("memory"), small);
    EXPECT_EQ(hashes("memory"), reference);
}

TEST_F(SameBytes, ABandWithoutAnyMeasurementLeavesTheOthersAsTheyAre) {
    const auto value = [](int band, std::int64_t y, std::int64_t x) {
        return band == 1 ? 65535.0 : static_cast<double>(y * 40 + x);
    };
    test::write_envi<std::uint16_t>((folder_ / "gap.dat").string(),
                                    {40, 30, 3, 12, "data ignore value = 65535\n"}, value);
    Pipeline p = pipeline("gap");
    p.scenes[0].paths = {(folder_ / "gap.dat").string()};
    run_pipeline(p, options(1));
    SceneDefinition product;
    product.paths = {p.products[0].path};
    const auto scene = open_scene(product);
    Cube cube;
    const std::vector<int> bands = {0, 1, 2};
    scene->raw_reader()->read({0, 0, 40, 30}, bands, cube);
    for (int band = 0; band < 3; ++band)
        for (std::int64_t y = 0; y < 30; ++y)
            for (std::int64_t x = 0; x < 40; ++x)
                ASSERT_EQ(cube.band(band)[static_cast<std::size_t>(y * 40 + x)],
                          static_cast<float>(value(band, y, x)));
}

TEST_F(SameBytes, CoverageSaysWhatEachPixelRestsOnWhateverThePartsAndThreads) {
    const auto value = [](int band, std::int64_t y, std::int64_t x) {
        if (band == 1 && x < 100) return 65535.0;
        return x >= 600 ? 65535.0 : static_cast<double>(y * 40 + x % 40);
    };
    test::write_envi<std::uint16_t>((folder_ / "some.dat").string(),
                                    {700, 610, 3, 12, "data ignore value = 65535\n"}, value);
    const auto run = [&](const std::string& name, int threads, int part) {
        Pipeline p = pipeline(name);
        p.scenes[0].paths = {(folder_ / "some.dat").string()};
        p.products.push_back(product("coverage", name));
        p.tiling.part = part;
        p.tiling.tile = 100;
        run_pipeline(p, options(threads));
        return p.products[1].path;
    };
    SceneDefinition coverage;
    coverage.paths = {run("coverage", 1, 0)};
    const auto scene = open_scene(coverage);
    ASSERT_EQ(scene->info().bands.size(), 4u);
    EXPECT_EQ(scene->info().bands[0].type, DataType::UInt16);
    Cube cube;
    const std::vector<int> bands = {0, 1, 2, 3};
    scene->reader()->read({0, 0, 700, 610}, bands, cube);
    for (std::int64_t y = 0; y < 610; y += 7)
        for (std::int64_t x = 0; x < 700; ++x) {
            const auto i = static_cast<std::size_t>(y * 700 + x);
            EXPECT_EQ(cube.band(1)[i], x < 600 ? 1 : 0) << "dates at " << x;
            EXPECT_EQ(cube.band(2)[i], x < 100 ? 2 : x < 600 ? 3 : 0) << "bands at " << x;
            EXPECT_EQ(cube.band(0)[i], cube.band(3)[i]) << "tiles and owner at " << x;
            EXPECT_LE(cube.band(0)[i], 1);
            EXPECT_TRUE(x >= 600 || cube.band(0)[i] == 1) << "tiles at " << x;
        }
    run("coverage2", 3, 512);
    EXPECT_EQ(hashes("coverage2"), hashes("coverage"));
}

TEST_F(SameBytes, ShardsMergedGiveTheBytesOfTheLocalRun) {
    Pipeline whole = pipeline("whole");
    whole.tiling.part = 512;
    run_pipeline(whole, options(2));
    Pipeline p = pipeline("sharded");
    p.tiling.part = 512;
    for (const char* shard : {"2/3", "1/3"}) {
        RunOptions o = options(1);
        o.shard = shard;
        run_pipeline(p, o);
    }
    EXPECT_THROW(merge_pipeline(p, options(1)), Error) << "a shard is missing";
    EXPECT_FALSE(fs::exists(p.products[0].path));
    RunOptions last = options(1);
    last.shard = "3/3";
    run_pipeline(p, last);
    const RunReport merged = merge_pipeline(p, options(1));
    EXPECT_EQ(merged.tiles, 0) << "merging never infers";
    EXPECT_EQ(hashes("sharded"), hashes("whole"));
}

TEST_F(SameBytes, AStoppedRunGoesOnWhereItWasAndGivesTheSameBytes) {
    Pipeline whole = pipeline("straight");
    whole.tiling.part = 512;
    whole.tiling.tile = 64;
    run_pipeline(whole, options(1));
    Pipeline p = whole;
    p.products[0].path = (folder_ / "resumed" / "bands.tif").string();
    std::atomic<int> stop{0};
    RunOptions o = options(1);
    o.stop = &stop;
    o.progress = [&](const Progress& progress) { stop = progress.stage == "tiles" ? 1 : 0; };
    int attempts = 0;
    for (;; ++attempts) {
        ASSERT_LT(attempts, 50);
        try {
            stop = 0;
            if (attempts == 3) o.stop = nullptr;
            run_pipeline(p, o);
            break;
        } catch (const Error& error) {
            ASSERT_EQ(error.code(), Code::interrupted) << error.what();
            EXPECT_FALSE(fs::exists(p.products[0].path));
        }
    }
    EXPECT_GE(attempts, 1);
    EXPECT_EQ(hashes("resumed"), hashes("straight"));
}

TEST_F(SameBytes, ProductsThatAreThereAreNotMadeAgainAndOthersAreRefused) {
    const Pipeline p = pipeline("again");
    EXPECT_FALSE(run_pipeline(p, options(2)).already_done);
    EXPECT_TRUE(run_pipeline(p, options(2)).already_done);
    Pipeline other = p;
    other.tiling.halo = 3;
    try {
        run_pipeline(other, options(2));
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::publish);
        EXPECT_THAT(error.what(), testing::HasSubstr("--overwrite"));
    }
    RunOptions o = options(2);
    o.overwrite = true;
    EXPECT_FALSE(run_pipeline(other, o).already_done);
}

}  // namespace
}  // namespace spectile::run
