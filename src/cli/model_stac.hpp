#pragma once

#include <string>

#include "spectile/model.hpp"

namespace spectile::cli {

/// Writes the model's STAC item to `path`, whole or not at all. Hashes the model's files and counts the
/// numbers of safetensors weights. Throws Error{Code::missing}, Error{Code::model}, Error{Code::write}.
void write_model_stac(const ModelCard& card, const ModelTraits& traits, const std::string& path);

}  // namespace spectile::cli
