#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/ledger.hpp"
#include "run/job.hpp"

namespace spectile::run {

/// What the stream counted.
struct StreamReport {
    std::int64_t tiles = 0, tiles_empty = 0, parts = 0;
    std::int64_t pixels_valid = 0;
    bool stopped = false;  ///< Asked to stop before all parts were done.
    /// Thread seconds by stage: read, prepare, infer, encode, mosaic.
    std::map<std::string, double> stage_seconds;
};

/// What a stream works on. All of it outlives the stream.
struct StreamTask {
    const Job& job;
    const Model& model;
    Ledger& ledger;           ///< Gets every finished part.
    const std::string& work;  ///< The work directory.
    const RunOptions& options;
};

/// Reads, prepares, infers and mosaics the given parts: one bounded stream of tiles over all of them.
///
/// Memory     `plan.tokens` tiles are in flight at most; each worker has a reader, a runner and a cube, or a
///            batch of them.
/// Batches    where the model wants several tiles at once, each batch is of one part, in grid order.
/// Order      tiles reach the mosaic in grid order, part after part, so every sum has one order and every
///            file one order of writing, whatever the number of threads.
/// Failure    the first error ends the stream and is thrown; parts finished before stay in the ledger.
StreamReport stream_parts(const StreamTask& task, const std::vector<std::int64_t>& parts);

}  // namespace spectile::run
