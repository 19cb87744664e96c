#include "prepare/steps.hpp"

#include <fmt/format.h>

#include <string>

#include "pipeline/nearest.hpp"
#include "prepare/parameters.hpp"
#include "spectile/error.hpp"

// One line registers a step: the function of that name in the file of that name makes its entry.
#define SPECTILE_STEPS(STEP) \
    STEP(scale)              \
    STEP(physical)           \
    STEP(drop_bad)           \
    STEP(select)             \
    STEP(resample)           \
    STEP(clip)               \
    STEP(standardise)        \
    STEP(min_max)            \
    STEP(percentile)         \
    STEP(whiten)             \
    STEP(normalise)          \
    STEP(append_mean)        \
    STEP(eight_bit)          \
    STEP(derivative)         \
    STEP(smooth)             \
    STEP(fill)

namespace spectile::prepare {

#define SPECTILE_DECLARE(name) StepEntry name();
SPECTILE_STEPS(SPECTILE_DECLARE)
#undef SPECTILE_DECLARE

const std::vector<StepEntry>& step_entries() {
#define SPECTILE_ROW(name) name(),
    static const std::vector<StepEntry> entries = {SPECTILE_STEPS(SPECTILE_ROW)};
#undef SPECTILE_ROW
    return entries;
}

std::unique_ptr<Step> make_step(const StepDefinition& definition) {
    std::vector<std::string> names;
    for (const auto& entry : step_entries()) {
        if (entry.name == definition.name) return entry.make(definition);
        names.push_back(entry.name);
    }
    throw Error(Code::definition, fmt::format("{}: unknown preparation step{}", place_of(definition),
                                              definition::suggestion(definition.name, names)));
}

}  // namespace spectile::prepare
