#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "spectile/progress.hpp"

namespace spectile::cluster {

/// One process's work on a run, as it told of it last.
struct Attempt {
    std::string shard;     ///< As --shard says it, `auto` resolved; empty for a run of all parts.
    std::string manifest;  ///< Absolute; empty without one.
    std::string host;
    std::string job;  ///< Of the scheduler; empty without one.
    std::int64_t process = 0;
    std::int64_t started = 0, updated = 0;  ///< Seconds since 1970.
    std::string stage;
    std::int64_t done = 0, total = 0;  ///< Of the stage: tiles, blocks, files.
    std::int64_t pixels = 0;           ///< Computed by this attempt.
    double seconds = 0;                ///< Spent on them.
    std::string state = "running";     ///< running, done, stopped, failed.
    std::string message;               ///< Of a failure.
    int exit_code = 0;
};

/// Tells of this process's work in a file of its own under WORK/attempts, replaced whole, so that
/// `spectile status` and `merge` can say who did what. No run fails for want of it: what cannot be written is
/// left out. Belongs to one thread at a time.
class AttemptFile {
public:
    AttemptFile(const std::string& work, const std::string& shard, const std::string& manifest);
    /// Keeps the figures; writes them at most every ten seconds, since a shared file system serves many.
    void progress(const Progress& progress);
    void end(const std::string& state, const std::string& message = {}, int exit_code = 0);

private:
    void write();

    std::string file_;
    Attempt attempt_;
    std::chrono::steady_clock::time_point told_{};
};

/// What was told of a run, oldest first; files that are damaged are passed over.
std::vector<Attempt> read_attempts(const std::string& work);

}  // namespace spectile::cluster
