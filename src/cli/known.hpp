#pragma once

#include "pipeline/known_names.hpp"

namespace spectile::cli {

/// Names of steps and architectures, so that a misspelt one in a definition is refused with the near name.
KnownNames known_names();

}  // namespace spectile::cli
