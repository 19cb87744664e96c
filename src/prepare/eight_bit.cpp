#include <fmt/format.h>

#include <cmath>

#include "prepare/bandwise.hpp"
#include "prepare/parameters.hpp"
#include "spectile/error.hpp"

// eight_bit: the 256 steps that a picture of 8 bit has between two values, as 0 to 1.
namespace spectile::prepare {
namespace {

constexpr double kSteps = 255;

const std::vector<StepKey> kEightBitKeys = {
    {"low", "becomes 0, and what lies below too; one number or one per band", ""},
    {"high", "becomes 1, and what lies above too; one number or one per band", ""}};

class EightBit final : public BandwiseStep {
public:
    explicit EightBit(const StepDefinition& definition) {
        const Parameters given(definition, kEightBitKeys);
        place_ = given.place();
        low_ = given.numbers("low");
        high_ = given.numbers("high");
        if (low_.empty() || high_.empty()) throw Error(Code::definition, place_ + ": give low and high");
    }

    std::vector<BandInfo> bind(std::vector<BandInfo> bands) override {
        low_ = per_band(low_, bands.size(), place_, "low");
        high_ = per_band(high_, bands.size(), place_, "high");
        for (std::size_t band = 0; band < bands.size(); ++band)
            if (low_[band] >= high_[band])
                throw Error(Code::definition,
                            fmt::format("{}: low {} is not below high {}", place_, low_[band], high_[band]));
        return bands;
    }
    /// In double: in float32 a value next to a step would fall on its other side.
    void apply_band(int band, std::span<float> values) const override {
        const auto b = static_cast<std::size_t>(band);
        const double low = low_[b], width = high_[b] - low_[b];
        for (float& value : values) {
            const double step = (double{value} - low) / width * kSteps;
            const double within = step < 0 ? 0 : step > kSteps ? kSteps : step;
            value = static_cast<float>(std::trunc(within) / kSteps);
        }
    }
    std::string describe() const override {
        return fmt::format("eight_bit: 256 steps from {} to {}, as 0 to 1", figures(low_), figures(high_));
    }

private:
    std::string place_;
    std::vector<double> low_, high_;
};

}  // namespace

StepEntry eight_bit() {
    return {.name = "eight_bit",
            .summary = "Stretches each band to 0...255, cuts off to whole numbers, and divides by 255.",
            .make = [](const StepDefinition& definition) { return std::make_unique<EightBit>(definition); },
            .keys = kEightBitKeys,
            .example = R"({"low": 0.1, "high": 0.9})"};
}

}  // namespace spectile::prepare
