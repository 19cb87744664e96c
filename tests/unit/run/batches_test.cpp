// Tiles in batches, as a device takes them, of a model that does nothing: the same parts as tile by tile.
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>

#include "core/ledger.hpp"
#include "run/job.hpp"
#include "run/parallel.hpp"
#include "run/stream.hpp"
#include "spectile/module.hpp"
#include "support/envi_file.hpp"

namespace spectile::run {
namespace {

namespace fs = std::filesystem;

/// Which places of each batch were taken.
class Watch {
public:
    void add(std::span<const Cube> cubes) {
        std::string places;
        for (const auto& cube : cubes) places += cube.values.empty() ? '-' : 'x';
        const std::lock_guard lock(mutex_);
        batches_.insert(places);
    }
    const std::multiset<std::string>& batches() const { return batches_; }

private:
    std::mutex mutex_;
    std::multiset<std::string> batches_;
};

class WatchedRunner final : public Runner {
public:
    WatchedRunner(std::unique_ptr<Runner> inner, Watch& watch) : inner_(std::move(inner)), watch_(watch) {}
    void predict(std::span<const Cube> in, std::span<Prediction> out, const ParallelFor& parallel) override {
        watch_.add(in);
        for (std::size_t i = 0; i < in.size(); ++i)
            if (!in[i].values.empty()) inner_->predict(in.subspan(i, 1), out.subspan(i, 1), parallel);
    }

private:
    std::unique_ptr<Runner> inner_;
    Watch& watch_;
};

class WatchedModel final : public Model {
public:
    WatchedModel(std::unique_ptr<Model> inner, Watch& watch) : inner_(std::move(inner)), watch_(watch) {}
    std::unique_ptr<Runner> start() const override {
        return std::make_unique<WatchedRunner>(inner_->start(), watch_);
    }
    int batch(std::int64_t, int most) const override { return most; }

private:
    std::unique_ptr<Model> inner_;
    Watch& watch_;
};

/// 700 x 60 pixels in two parts: tiles 0 to 5 and 5 to 6. Nothing is measured in tile 2.
class Batches : public testing::Test {
protected:
    void SetUp() override {
        folder = fs::temp_directory_path() / ("spectile-batches-" + std::to_string(::getpid()));
        fs::create_directories(folder / "model");
        std::ofstream(folder / "model/model.yaml") << "spectile: 1\narchitecture: identity\n";
        test::write_envi<std::uint16_t>((folder / "scene.dat").string(),
                                        {700, 60, 2, 12, "data ignore value = 0\n"},
                                        [](int band, std::int64_t y, std::int64_t x) {
                                            return x / 100 == 2 ? 0.0 : static_cast<double>(1 + band + y + x);
                                        });
        pipeline.scenes.resize(1);
        pipeline.scenes[0].paths = {(folder / "scene.dat").string()};
        pipeline.model = (folder / "model").string();
        pipeline.products.resize(1);
        pipeline.products[0].kind = "bands";
        pipeline.products[0].path = (folder / "bands.tif").string();
        pipeline.tiling.tile = 100;
        pipeline.tiling.part = 512;
    }
    void TearDown() override { fs::remove_all(folder); }

    /// Hashes of the parts' blocks.
    std::vector<std::string> stream(int batch, int threads, Watch& watch) {
        RunOptions options;
        options.threads = threads;
        const ThreadBudget budget(threads);
        Job job = open_job(pipeline, pipeline.scenes.front(), options);
        job.traits.whole_spectra = true;  // Of identity, nodata are values like others.
        job.plan.batch = batch;
        job.plan.tokens = 2 * batch + threads;
        const WatchedModel model(load_model(job.card, "cpu"), watch);
        const auto work =
            (folder / ("work" + std::to_string(batch) + "-" + std::to_string(threads))).string();
        fs::create_directories(work + "/parts");
        Ledger ledger(work);
        in_arena(threads, [&] { report = stream_parts({job, model, ledger, work, options}, {0, 1}); });
        std::vector<std::string> hashes;
        for (const auto& [_, entry] : ledger.parts())
            for (const auto& hash : entry.products.at("bands").blocks) hashes.push_back(hash);
        return hashes;
    }

    fs::path folder;
    Pipeline pipeline;
    StreamReport report;
};

TEST_F(Batches, GiveThePartsOfSingleTilesAndNeverCrossOne) {
    Watch alone;
    const auto expected = stream(1, 1, alone);
    EXPECT_EQ(expected.size(), 2u);
    EXPECT_THAT(alone.batches(), testing::ElementsAre("x", "x", "x", "x", "x", "x", "x"));
    for (const int threads : {1, 3}) {
        Watch watch;
        EXPECT_EQ(stream(4, threads, watch), expected);
        EXPECT_THAT(watch.batches(), testing::ElementsAre("xx--", "xx--", "xx-x"));
        EXPECT_EQ(report.tiles, 8);
        EXPECT_EQ(report.tiles_empty, 1);
        EXPECT_EQ(report.parts, 2);
    }
}

TEST_F(Batches, ABatchWithoutAMeasurementIsNotComputed) {
    pipeline.scenes[0].paths = {(folder / "empty.dat").string()};
    test::write_envi<std::uint16_t>((folder / "empty.dat").string(),
                                    {700, 60, 2, 12, "data ignore value = 0\n"},
                                    [](int, std::int64_t, std::int64_t x) { return x < 512 ? 0.0 : 1.0; });
    Watch watch;
    stream(2, 1, watch);
    EXPECT_THAT(watch.batches(), testing::ElementsAre("xx"));
    EXPECT_EQ(report.tiles_empty, 6);
}

}  // namespace
}  // namespace spectile::run
