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

Worker::Worker(const Job& job, const Model& model)
    : job_(job),
      reader_(job.traits.whole_spectra ? job.scene->reader() : job.scene->raw_reader()),
      runner_(model.start()),
      parallel_(parallel_for()),
      cube_(1),
      prediction_(1) {
    if (job.wants_support())
        support_ = std::make_unique<SupportReader>(*job.scene, job.chain->source_bands());
}

bool Worker::read(const Tile& tile, const Window& wanted) {
    const Window inside = intersect(tile.padded, job_.scene->info().grid.window());
    // Where bands are handed through as stored, an empty raster of a stack must not hide the others.
    const bool may_skip = job_.traits.whole_spectra || job_.scene->info().rasters.size() == 1;
    if (may_skip && !job_.scene->may_be_valid(inside)) return false;
    StageTimer timer(stage_seconds["read"]);
    reader_->read(inside, job_.chain->source_bands(), cube_[0]);
    return any_valid(cube_[0], wanted);
}

void Worker::compute(TileResult& result) {
    result.empty = !read(result.tile, result.window);
    if (!result.empty) infer(result);
    if (!support_) return;
    StageTimer timer(stage_seconds["read"]);
    const Prediction& prediction = job_.plan.tiles.blend != Blend::none ? result.prediction : prediction_[0];
    support_->read(result.window, result.empty ? nullptr : &prediction, result.support);
}

void Worker::infer(TileResult& result) {
    {
        StageTimer timer(stage_seconds["prepare"]);
        job_.chain->apply(cube_[0]);
        prepare::pad(cube_[0], result.tile.padded, job_.card.padding);
    }
    {
        StageTimer timer(stage_seconds["infer"]);
        runner_->predict(cube_, prediction_, parallel_);
    }
    if (job_.plan.tiles.blend != Blend::none) {
        result.prediction = std::move(prediction_[0]);
        prediction_[0] = {};
        return;
    }
    StageTimer timer(stage_seconds["encode"]);
    to_probabilities(job_.traits, prediction_[0]);
    encode(result);
}

void Worker::encode(TileResult& result) {
    const Prediction& prediction = prediction_[0];
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
