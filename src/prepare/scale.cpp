#include <fmt/format.h>

#include "prepare/bandwise.hpp"
#include "prepare/parameters.hpp"

// scale: value * factor + offset.
namespace spectile::prepare {
namespace {

const std::vector<StepKey> kScaleKeys = {{"factor", "multiplies each value; one number or one per band", "1"},
                                         {"offset", "is added afterwards; one number or one per band", "0"}};

class Scale : public BandwiseStep {
public:
    explicit Scale(const StepDefinition& definition) : Scale(Parameters(definition, kScaleKeys)) {}

    std::vector<BandInfo> bind(std::vector<BandInfo> bands) override {
        factor_ = per_band(factor_, bands.size(), place_, "factor");
        offset_ = per_band(offset_, bands.size(), place_, "offset");
        return bands;
    }
    void apply_band(int band, std::span<float> values) const override {
        const auto factor = static_cast<float>(factor_[static_cast<std::size_t>(band)]);
        const auto offset = static_cast<float>(offset_[static_cast<std::size_t>(band)]);
        for (float& value : values) value = value * factor + offset;
    }
    std::string describe() const override {
        return fmt::format("scale: factor {}, offset {}", figures(factor_), figures(offset_));
    }

private:
    explicit Scale(const Parameters& given)
        : place_(given.place()), factor_(given.numbers("factor")), offset_(given.numbers("offset")) {}

    std::string place_;
    std::vector<double> factor_, offset_;
};

}  // namespace

StepEntry scale() {
    return {.name = "scale",
            .summary = "Multiplies by a factor and adds an offset.",
            .make = [](const StepDefinition& definition) { return std::make_unique<Scale>(definition); },
            .keys = kScaleKeys,
            .example = R"({"factor": 0.0001, "offset": 0.01})"};
}

}  // namespace spectile::prepare
