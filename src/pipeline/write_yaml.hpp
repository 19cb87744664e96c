#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace spectile::definition {

/// JSON as readable YAML: block maps, short lists and lists of numbers on lines of at most 100 columns.
///
/// Texts are plain where they read back as the same text, else quoted; numbers are the shortest that read
/// back equal.
std::string yaml_of(const nlohmann::ordered_json& map);

}  // namespace spectile::definition
