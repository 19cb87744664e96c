#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "run/job.hpp"

namespace spectile::run {

/// Everything that decides a product's bytes, by component; no time, host, path, thread, part, shard or
/// budget.
struct Recipe {
    nlohmann::json components;
    std::string text() const { return components.dump(); }
    std::string sha256() const;
};

/// `inputs`: the SHA-256 that stands for the content of all input files.
Recipe make_recipe(const Job& job, const std::string& inputs);

/// Names of the components that differ, for messages ("model, tiles").
std::string differences(const nlohmann::json& before, const nlohmann::json& now);

}  // namespace spectile::run
