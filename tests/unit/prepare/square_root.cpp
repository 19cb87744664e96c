#include <fmt/format.h>

#include <cmath>

#include "prepare/bandwise.hpp"
#include "prepare/parameters.hpp"

// square_root: the square root of value - floor; what lies below becomes 0.
namespace spectile::prepare {
namespace {

const std::vector<StepKey> kSquareRootKeys = {{"floor", "is subtracted first", "0"}};

class SquareRoot : public BandwiseStep {
public:
    explicit SquareRoot(const StepDefinition& definition) {
        const Parameters given(definition, kSquareRootKeys);
        floor_ = given.number("floor");
    }
    void apply_band(int, std::span<float> values) const override {
        const auto floor = static_cast<float>(floor_);
        for (float& value : values) {
            const float above = value - floor;
            value = std::sqrt(above < 0 ? 0.0F : above);
        }
    }
    std::string describe() const override { return fmt::format("square_root: floor {}", floor_); }

private:
    double floor_ = 0;
};

}  // namespace

StepEntry square_root() {
    return {.name = "square_root",
            .summary = "Square root, for counts with Poisson noise.",
            .make = [](const StepDefinition& definition) { return std::make_unique<SquareRoot>(definition); },
            .keys = kSquareRootKeys};
}

}  // namespace spectile::prepare
