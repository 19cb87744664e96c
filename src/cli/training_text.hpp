#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace spectile::cli {

/// The accuracy of a training (TrainingResult::accuracy) for people: of a cross-validation the pooled figures
/// with mean and scatter over seeds, else each role's figures, and every seed's where there are several.
std::string training_text(const nlohmann::ordered_json& accuracy);

}  // namespace spectile::cli
