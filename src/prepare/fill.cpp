#include "prepare/fill.hpp"

#include <fmt/format.h>

#include "prepare/parameters.hpp"
#include "prepare/validity.hpp"

namespace spectile::prepare {
namespace {

const std::vector<StepKey> kFillKeys = {
    {"value", "every band of every invalid pixel; 0 is the mean after standardise", "0"}};

}  // namespace

Fill::Fill(const StepDefinition& definition)
    : value_(static_cast<float>(Parameters(definition, kFillKeys).number("value"))) {}

void Fill::apply(Cube& cube) const {
    invalidate_not_finite(cube);
    fill_invalid(cube, value_);
}

std::string Fill::describe() const { return fmt::format("fill: {} in invalid pixels", value_); }

StepEntry fill() {
    return {
        .name = "fill",
        .summary =
            "Gives invalid pixels a fixed value and makes pixels with NaN invalid; every chain ends with it.",
        .make = [](const StepDefinition& definition) { return std::make_unique<Fill>(definition); },
        .keys = kFillKeys,
        .example = R"({"value": -1})"};
}

}  // namespace spectile::prepare
