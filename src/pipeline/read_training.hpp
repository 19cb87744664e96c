#pragma once

#include <string>
#include <vector>

#include "pipeline/known_names.hpp"
#include "spectile/training.hpp"

namespace spectile {

/// The validated training of a YAML file, after settings and variables as in `read_pipeline`.
///
/// `recipe` holds every key, defaults filled in. Files are absolute; none is opened. Throws as
/// `read_pipeline` does.
Training read_training(const std::string& file, const std::vector<std::string>& sets,
                       const KnownNames& known = {});

/// The same from text, as if it stood in a file `name`.
Training read_training_text(const std::string& text, const std::string& name,
                            const std::vector<std::string>& sets, const KnownNames& known = {});

}  // namespace spectile
