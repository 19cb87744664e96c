#pragma once

#include <string>

#include "spectile/training.hpp"

namespace spectile::cli {

/// The report of a finished training as one HTML page. Throws Error{Code::read} where a scene cannot be
/// drawn.
std::string training_page(const Training& training, const TrainingResult& result);

}  // namespace spectile::cli
