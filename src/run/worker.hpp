#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "run/job.hpp"
#include "run/part_output.hpp"
#include "run/support.hpp"

namespace spectile::run {

/// Does `step` for a tile; where the tile is lost and may be, it marks that.
using TileGuard = std::function<void(TileResult& result, const std::function<void()>& step)>;

/// One thread's reader, runner and scratch memory. Shared things (scene, chain, model) are const.
class Worker {
public:
    /// `batch`: tiles that the model is handed at once.
    Worker(const Job& job, const Model& model, int batch);
    /// Reads, prepares and infers the tiles, `batch` at most, and encodes them for every product (or keeps
    /// the predictions for blending).
    void compute(std::span<TileResult> results, const TileGuard& guard);
    std::map<std::string, double> stage_seconds;

private:
    bool read(const Tile& tile, const Window& wanted, Cube& cube);
    void prepare(const Tile& tile, Cube& cube);
    void finish(TileResult& result, Prediction& prediction);
    void encode(TileResult& result, const Prediction& prediction);
    void read_support(TileResult& result, const Prediction& prediction);

    const Job& job_;
    std::unique_ptr<SceneReader> reader_;
    std::unique_ptr<Runner> runner_;
    std::unique_ptr<SupportReader> support_;
    ParallelFor parallel_;
    std::vector<Cube> cubes_;
    std::vector<Prediction> predictions_;
};

}  // namespace spectile::run
