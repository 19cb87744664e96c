#pragma once

#include <string>
#include <vector>

#include "pipeline/value.hpp"

namespace spectile::definition {

/// Applies `key.path=value` settings in order. Keys that are not there are made; a number indexes a list, one
/// past its end appends. Text where a sub-key is set becomes its `path` (the short form that scenes,
/// products, areas and labels share). A value that begins with a bracket, brace or quote is YAML, anything
/// else is taken as it stands.
///
/// Throws Error{Code::usage} for a setting without `=` or key, Error{document.code} where the path does not
/// fit.
void apply_settings(Document& document, const std::vector<std::string>& settings);

/// Replaces `${NAME}` in every value by `vars.NAME` of the definition or else by the environment; `$${`
/// stands for a plain `${`. Values of `vars` may use the environment, not each other.
///
/// Throws Error{document.code} naming line, key and variable where one is not defined.
void substitute_variables(Document& document);

}  // namespace spectile::definition
