#pragma once

#include "pipeline/definition_schemas.hpp"

namespace spectile::definition {

/// A commented definition of each kind, for the documentation; the tests read every one.
const char* example_of(DefinitionKind kind);

}  // namespace spectile::definition
