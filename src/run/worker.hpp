#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "run/job.hpp"
#include "run/part_output.hpp"
#include "run/support.hpp"

namespace spectile::run {

/// The tiles that meet a part, in grid order, each with the scene pixels that it gives to the part.
std::vector<std::pair<Tile, Window>> tiles_of_part(const Plan& plan, const Part& part, bool local);

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

/// Workers are made as threads first need one and live to the end of the stream.
class WorkerPool {
public:
    WorkerPool(const Job& job, const Model& model) : job_(job), model_(model) {}
    void with(const std::function<void(Worker&)>& body);
    std::map<std::string, double> stage_seconds() const;

private:
    Worker* take();

    const Job& job_;
    const Model& model_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<Worker*> idle_;
};

}  // namespace spectile::run
