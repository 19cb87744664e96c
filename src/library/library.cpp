#include <nlohmann/json.hpp>

#include "pipeline/read_pipeline.hpp"
#include "run/plan_report.hpp"
#include "run/run_pipeline.hpp"
#include "spectile/spectile.hpp"

namespace spectile {

Pipeline load_pipeline(const std::string& file, const std::vector<std::string>& settings) {
    return read_pipeline(file, settings);
}

std::string plan_json(const Pipeline& pipeline, const RunOptions& options) {
    auto scenes = nlohmann::ordered_json::array();
    for (const auto& report : run::plan_pipeline(pipeline, options, /*shards=*/1, /*measure=*/false))
        scenes.push_back(report.json());
    return nlohmann::ordered_json{{"scenes", scenes}}.dump(2);
}

RunReport run_pipeline(const Pipeline& pipeline, const RunOptions& options) {
    return run::run_pipeline(pipeline, options);
}

int exit_status(const Error& error) { return exit_code(error.code()); }

}  // namespace spectile
