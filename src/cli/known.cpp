#include "cli/known.hpp"

#include "models/entries/registry.hpp"
#include "prepare/steps.hpp"

namespace spectile::cli {

KnownNames known_names() {
    KnownNames known;
    for (const auto& step : prepare::step_entries()) known.steps.push_back(step.name);
    known.steps.emplace_back("preset");
    for (const auto& entry : model_entries()) known.architectures.push_back(entry.name);
    return known;
}

}  // namespace spectile::cli
