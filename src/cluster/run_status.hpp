#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cluster/attempt.hpp"

namespace spectile::cluster {

/// How far one shard is.
struct ShardStatus {
    std::string shard;  ///< As --shard names it; empty for a run of all parts.
    std::int64_t parts = 0, done = 0;
    std::int64_t attempts = 0;
    std::string state;    ///< waiting, running, silent, stopped, failed, done.
    std::string host;     ///< Of the last attempt.
    std::string stage;    ///< What it was at.
    std::string message;  ///< Of a failure.
};

/// A run as its work directory shows it.
struct RunStatus {
    std::string work;
    std::int64_t parts = 0, done = 0;
    std::int64_t attempts = 0, running = 0;
    double pixels_per_second = 0;  ///< Of the attempts that run.
    double seconds_left = -1;      ///< At that rate; negative where nothing runs.
    std::vector<ShardStatus> shards;
};

/// Looks at a run while it goes, or after it stopped: journals, what the attempts told, and the manifest that
/// they used. Reads only, so it may be called at any time by anybody. `now`: seconds since 1970. Throws
/// Error{Code::missing} where `work` is no work directory.
RunStatus look_at_run(const std::string& work, std::int64_t now);

nlohmann::ordered_json to_json(const RunStatus& status);
std::string text_of(const RunStatus& status);

}  // namespace spectile::cluster
