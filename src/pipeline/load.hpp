#pragma once

#include <string>
#include <vector>

#include "pipeline/rule.hpp"
#include "pipeline/value.hpp"

namespace spectile::definition {

/// Version of the format: the value of the key `spectile` that every definition begins with.
inline constexpr int kFormatVersion = 1;

/// The key `spectile`, required everywhere.
Key version_key();
/// The key `vars` of definitions with variables.
Key vars_key();

/// Reads, applies settings, substitutes variables where `rule` declares `vars`, and checks against `rule`.
/// Throws as its parts do; Error{code} for an empty file, one that holds no map, and another format version.
Document load(const std::string& file, const std::vector<std::string>& settings, const Rule& rule, Code code);

/// The same on text that did not come from a file; `name` stands in messages.
Document load_text(const std::string& text, const std::string& name, const std::vector<std::string>& settings,
                   const Rule& rule, Code code);

}  // namespace spectile::definition
