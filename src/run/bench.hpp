#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "run/job.hpp"

namespace spectile::run {

/// Times the job's model on random cubes of the plan's tile, one thread; the median of several calls.
double measure_seconds_per_pixel(const Job& job);

/// `spectile bench MODEL_OR_ARCHITECTURE --json`: keys as the contract says; stores the rate for `plan`.
/// Without weights the architecture's defaults and random weights (SpectralMamba: 200 bands, 16 classes).
nlohmann::ordered_json bench_model(const std::string& name, int threads, const std::string& device);

}  // namespace spectile::run
