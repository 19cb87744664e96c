#pragma once

#include <string>
#include <vector>

#include "pipeline/rule.hpp"

namespace spectile {

enum class DefinitionKind { pipeline, model, training };

/// The JSON Schema (draft-07) of a kind of definition, as text that ends in a newline. Committed as
/// pipelines/{pipeline,model,training}.schema.json for editors; the target `spectile_schemas` writes them.
std::string schema_json(DefinitionKind kind);

/// docs/PIPELINE_FORMAT.md.
std::string format_markdown();

namespace definition {

RulePtr pipeline_rule();
RulePtr model_rule();
RulePtr training_rule();
RulePtr rule_of(DefinitionKind kind);

}  // namespace definition
}  // namespace spectile
