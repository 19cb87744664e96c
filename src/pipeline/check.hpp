#pragma once

#include "pipeline/rule.hpp"
#include "pipeline/value.hpp"

namespace spectile::definition {

/// Throws Error{document.code} for the first value that `rule` does not allow: one line with file and line,
/// key path, what was expected, what stands there, and the nearest known key where one was misspelt.
void check(const Document& document, const Rule& rule);

}  // namespace spectile::definition
