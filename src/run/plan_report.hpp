#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "run/job.hpp"

namespace spectile::run {

/// What `spectile plan` says of one scene: geometry, memory, scratch, time, the chain band by band.
class PlanReport {
public:
    /// `seconds_per_pixel` is one thread's; negative where nothing was measured yet.
    PlanReport(const Job& job, double seconds_per_pixel);
    const nlohmann::ordered_json& json() const { return json_; }
    std::string text() const;

private:
    nlohmann::ordered_json json_;
};

/// Plans every scene of the pipeline. With `measure`, the model is loaded and timed on this machine first.
std::vector<PlanReport> plan_pipeline(const Pipeline& pipeline, const RunOptions& options, int shards,
                                      bool measure);

}  // namespace spectile::run
