#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "run/job.hpp"
#include "run/part_output.hpp"
#include "run/support.hpp"

namespace spectile::run {

/// One thread's reader, runner and scratch memory. Shared things (scene, chain, model) are const.
class Worker {
public:
    Worker(const Job& job, const Model& model);
    /// Reads, prepares and infers the tile and encodes it for every product (or keeps the prediction for
    /// blending).
    void compute(TileResult& result);
    std::map<std::string, double> stage_seconds;

private:
    bool read(const Tile& tile, const Window& wanted);
    void infer(TileResult& result);
    void encode(TileResult& result);

    const Job& job_;
    std::unique_ptr<SceneReader> reader_;
    std::unique_ptr<Runner> runner_;
    std::unique_ptr<SupportReader> support_;
    ParallelFor parallel_;
    std::vector<Cube> cube_;
    std::vector<Prediction> prediction_;
};

}  // namespace spectile::run
