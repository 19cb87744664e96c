#include "cli/known.hpp"

#include "prepare/steps.hpp"

namespace spectile::cli {

KnownNames known_names() {
    KnownNames known;
    for (const auto& step : prepare::step_entries()) known.steps.push_back(step.name);
    return known;
}

}  // namespace spectile::cli
