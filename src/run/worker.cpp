#include "run/worker.hpp"

#include <chrono>

#include "prepare/pad.hpp"
#include "run/parallel.hpp"
#include "run/probabilities.hpp"

namespace spectile::run {
namespace {

/// Adds the time until it dies to a stage.
class StageTimer {
public:
    explicit StageTimer(double& seconds) : seconds_(seconds), begin_(std::chrono::steady_clock::now()) {}
    ~StageTimer() {
        seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    }

private:
    double& seconds_;
    std::chrono::steady_clock::time_point begin_;
};

/// Whether any pixel of `wanted` is valid in the cube.
bool any_valid(const Cube& cube, const Window& wanted) {
    for (auto y = wanted.y; y < wanted.bottom(); ++y) {
        const auto* row = cube.valid.data() + (y - cube.window.y) * cube.window.width - cube.window.x;
        for (auto x = wanted.x; x < wanted.right(); ++x)
            if (row[x]) return true;
    }
    return false;
}

}  // namespace

Worker::Worker(const Job& job, const Model& model, int batch)
    : job_(job),
      reader_(job.traits.whole_spectra ? job.scene->reader() : job.scene->raw_reader()),
      runner_(model.start()),
      parallel_(parallel_for()),
      cubes_(static_cast<std::size_t>(batch)),
      predictions_(static_cast<std::size_t>(batch)) {
    if (job.wants_support())
        support_ = std::make_unique<SupportReader>(*job.scene, job.chain->source_bands());
}

bool Worker::read(const Tile& tile, const Window& wanted, Cube& cube) {
    const Window inside = intersect(tile.padded, job_.scene->info().grid.window());
    // Where bands are handed through as stored, an empty raster of a stack must not hide the others.
    const bool may_skip = job_.traits.whole_spectra || job_.scene->info().rasters.size() == 1;
    if (may_skip && !job_.scene->may_be_valid(inside)) return false;
    StageTimer timer(stage_seconds["read"]);
    reader_->read(inside, job_.chain->source_bands(), cube);
    return any_valid(cube, wanted);
}

void Worker::compute(std::span<TileResult> results, const TileGuard& guard) {
    bool any = false;
    for (std::size_t i = 0; i < cubes_.size(); ++i) {
        if (i < results.size())
            guard(results[i],
                  [&] { results[i].empty = !read(results[i].tile, results[i].window, cubes_[i]); });
        if (i >= results.size() || results[i].empty) {
            cubes_[i].values.clear();  // A place that nobody took.
            continue;
        }
        prepare(results[i].tile, cubes_[i]);
        any = true;
    }
    if (any) {
        StageTimer timer(stage_seconds["infer"]);
        runner_->predict(cubes_, predictions_, parallel_);
    }
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (!results[i].empty) finish(results[i], predictions_[i]);
        if (support_ && results[i].failure.empty())
            guard(results[i], [&] { read_support(results[i], predictions_[i]); });
    }
}

void Worker::prepare(const Tile& tile, Cube& cube) {
    StageTimer timer(stage_seconds["prepare"]);
    job_.chain->apply(cube);
    spectile::prepare::pad(cube, tile.padded, job_.card.padding);
}

void Worker::finish(TileResult& result, Prediction& prediction) {
    if (job_.plan.tiles.blend != Blend::none) {
        result.prediction = std::move(prediction);
        prediction = {};
        return;
    }
    StageTimer timer(stage_seconds["encode"]);
    to_probabilities(job_.traits, prediction);
    encode(result, prediction);
}

void Worker::read_support(TileResult& result, const Prediction& prediction) {
    StageTimer timer(stage_seconds["read"]);
    const Prediction& fed = job_.plan.tiles.blend != Blend::none ? result.prediction : prediction;
    support_->read(result.window, result.empty ? nullptr : &fed, result.support);
}

void Worker::encode(TileResult& result, const Prediction& prediction) {
    for (const auto& raster : job_.rasters) {
        const auto& format = raster.product->format();
        if (raster.product->source() != products::Source::prediction) {
            result.encoded.emplace_back();
            continue;
        }
        auto& bytes = result.encoded.emplace_back(
            static_cast<std::size_t>(result.window.area() * format.bands) * size_of(format.type));
        raster.product->encode(prediction, result.window, bytes);
    }
    for (auto y = result.window.y; y < result.window.bottom(); ++y) {
        const auto* row = prediction.valid.data() + (y - prediction.window.y) * prediction.window.width -
                          prediction.window.x;
        for (auto x = result.window.x; x < result.window.right(); ++x) result.valid += row[x];
    }
}

}  // namespace spectile::run
