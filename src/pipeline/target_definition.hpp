#pragma once

#include "pipeline/rule.hpp"
#include "pipeline/yaml_text.hpp"
#include "spectile/pipeline.hpp"

namespace spectile::definition {

/// What `target:` may hold: the grid that raster products are brought to.
RulePtr target_rule();

/// The target that a checked `target:` asks for, with its defaults filled in. Throws Error{Code::definition}
/// for a resolution that is not above 0.
TargetDefinition read_target(const Document& document, const Value& map);

}  // namespace spectile::definition
