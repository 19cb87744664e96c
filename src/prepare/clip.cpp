#include <fmt/format.h>

#include <cmath>

#include "prepare/bandwise.hpp"
#include "prepare/parameters.hpp"
#include "spectile/error.hpp"

// clip: values below min become min, above max become max.
namespace spectile::prepare {
namespace {

const std::vector<StepKey> kClipKeys = {{"min", "lowest value kept; one number or one per band", ""},
                                        {"max", "highest value kept; one number or one per band", ""}};

class Clip : public BandwiseStep {
public:
    explicit Clip(const StepDefinition& definition) : Clip(Parameters(definition, kClipKeys)) {}

    std::vector<BandInfo> bind(std::vector<BandInfo> bands) override {
        min_ = per_band(min_, bands.size(), place_, "min");
        max_ = per_band(max_, bands.size(), place_, "max");
        for (std::size_t band = 0; band < bands.size(); ++band)
            if (min_[band] > max_[band])
                throw Error(Code::definition,
                            fmt::format("{}: min {} is above max {}", place_, min_[band], max_[band]));
        return bands;
    }
    void apply_band(int band, std::span<float> values) const override {
        const auto low = static_cast<float>(min_[static_cast<std::size_t>(band)]);
        const auto high = static_cast<float>(max_[static_cast<std::size_t>(band)]);
        for (float& value : values) {
            const float raised = value < low ? low : value;
            value = raised > high ? high : raised;
        }
    }
    std::string describe() const override {
        return fmt::format("clip: min {}, max {}", figures(min_), figures(max_));
    }

private:
    explicit Clip(const Parameters& given)
        : place_(given.place()), min_(given.numbers("min")), max_(given.numbers("max")) {
        if (min_.empty() && max_.empty()) throw Error(Code::definition, place_ + ": give min, max or both");
        if (min_.empty()) min_ = {-INFINITY};
        if (max_.empty()) max_ = {INFINITY};
    }

    std::string place_;
    std::vector<double> min_, max_;
};

}  // namespace

StepEntry clip() {
    return {.name = "clip",
            .summary = "Limits values to a range.",
            .make = [](const StepDefinition& definition) { return std::make_unique<Clip>(definition); },
            .keys = kClipKeys,
            .example = R"({"min": 0.2, "max": 0.7})"};
}

}  // namespace spectile::prepare
