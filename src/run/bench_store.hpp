#pragma once

#include <optional>
#include <string>

#include "run/job.hpp"

namespace spectile::run {

/// What one worker of this machine reaches, by architecture and network size: measured once, used by `plan`.
struct BenchEntry {
    double pixels_per_second = 0;  ///< One thread, model only.
    double flops_per_pixel = 0;
    std::string instructions;
};

/// Stored under $SPECTILE_CACHE, $XDG_CACHE_HOME/spectile or ~/.cache/spectile; nowhere if none of these is
/// set.
std::optional<BenchEntry> stored_bench(const std::string& architecture);
/// Returns the file written, empty if there is nowhere to write.
std::string store_bench(const std::string& architecture, const BenchEntry& entry);
/// One thread's seconds a pixel from the machine's stored bench, scaled by the arithmetic of this network;
/// negative where nothing was measured.
double stored_seconds_per_pixel(const Job& job);

}  // namespace spectile::run
