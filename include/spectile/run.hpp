#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "spectile/pipeline.hpp"
#include "spectile/plan.hpp"
#include "spectile/progress.hpp"

namespace spectile {

/// What the command line says about one run, beyond the pipeline.
struct RunOptions {
    std::string work;                ///< Empty: .NAME.spectile beside the first product.
    std::uint64_t memory_bytes = 0;  ///< 0: from the machine, the cgroup and Slurm.
    int threads = 0;                 ///< 0: from affinity, cgroup and Slurm.
    std::string device = "auto";
    std::string shard;             ///< Empty, "K/N"; with a manifest also "K,L,M-P" and "auto".
    std::string manifest;          ///< What shares the parts out; empty: nothing does.
    bool statistics_only = false;  ///< Fingerprint and whole-scene statistics, for the shards that follow.
    bool restart = false, overwrite = false, keep = false, strict = false;
    std::string status_file;
    std::string scratch;  ///< Node-local folder for files on their way; empty: the scheduler's, or none.
    double time_limit_s = 0, grace_s = 30;
    /// Tiles that may fail to be read and are then left nodata, listed in the record; 0: the first failure
    /// ends the run. Products with such tiles are made again by the next run.
    std::int64_t failed_tiles = 0;
    const std::atomic<int>* stop = nullptr;  ///< Set by signal handlers: 1 = finish what is in flight.
    ProgressListener progress;
    /// Of several scenes: called after each.
    std::function<void(const struct SceneOutcome&)> scene_ended;
};

/// What came of one of several scenes.
struct SceneOutcome {
    std::string scene;  ///< Its files, as the definition resolves them, with "; " between them.
    std::string
        state;  ///< done, there (with the same recipe, from before), computed (parts of a shard), failed.
    int status = 0;       ///< Exit status it would have had alone.
    std::string message;  ///< Of a failure.
    std::vector<std::string> products;
    std::int64_t pixels_valid = 0;
    double seconds = 0;
};

/// What came of a run.
struct RunReport {
    std::vector<std::string> products;
    bool already_done = false;
    std::int64_t tiles = 0, tiles_empty = 0, parts = 0, parts_reused = 0;
    /// Of identity, which hands tiles through as they are stored, all pixels of tiles that hold something.
    std::int64_t pixels_valid = 0;
    double seconds = 0;
    std::map<std::string, double> stage_seconds;  ///< read, prepare, infer, mosaic, publish: thread seconds.
    std::vector<std::string> warnings;
    std::vector<SceneOutcome> scenes;  ///< Of several, in order; empty where there is one.
    std::vector<std::string> marked;   ///< Tiles left nodata since they could not be read: window and reason.
};

}  // namespace spectile
