#pragma once

#include <memory>

#include "spectile/model.hpp"

namespace spectile {

/// The identity model: predicts its input bands, exactly. Needs neither LibTorch nor weights.
std::unique_ptr<Model> load_identity(const ModelCard& card);

}  // namespace spectile
