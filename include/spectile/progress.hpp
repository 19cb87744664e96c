#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace spectile {

/// How far a run, a fingerprint or a conversion is.
struct Progress {
    std::string stage;  ///< Of a run: fingerprint, statistics, tiles, publish. Of a conversion: weights.
    std::int64_t done = 0, total = 0;  ///< Bytes, blocks, tiles or files, by stage.
    std::int64_t pixels = 0;           ///< Inferred so far; 0 where the stage infers none.
    double seconds = 0;                ///< Since the stage began; 0 where nobody measures.
};

/// Told a few times a second, by one thread at a time. What it throws ends the work.
using ProgressListener = std::function<void(const Progress&)>;

}  // namespace spectile
