#include <algorithm>

#include "prepare/statistics.hpp"
#include "prepare/stretch.hpp"
#include "spectile/error.hpp"

// percentile: clips each band to two percentiles of the whole scene and stretches them to one range.
namespace spectile::prepare {
namespace {

const std::vector<StepKey> kPercentileKeys = {
    {"low", "percentile that goes to the start of the range", "2"},
    {"high", "percentile that goes to the end of the range", "98"},
    {"from", "scene: of all valid pixels of the scene", "\"scene\""},
    {"to", "the range that results", "[0, 1]"}};

class PercentileStretch : public BandwiseStep {
public:
    explicit PercentileStretch(const StepDefinition& definition) {
        const Parameters given(definition, kPercentileKeys);
        given.one_of("from", {"scene"});
        stretch_.read_range(given);
        low_ = given.number("low");
        high_ = given.number("high");
        if (!(low_ >= 0 && low_ < high_ && high_ <= 100))
            throw Error(Code::definition,
                        given.place() + ": low and high must satisfy 0 <= low < high <= 100");
    }

    Needs needs() const override { return Needs::histogram; }
    void set_statistics(const std::vector<BandStatistics>& bands) override {
        stretch_.low.clear();
        stretch_.high.clear();
        for (const auto& band : bands) {
            stretch_.low.push_back(percentile_of(band, low_));
            stretch_.high.push_back(percentile_of(band, high_));
        }
    }
    void apply_band(int band, std::span<float> values) const override {
        const auto low = static_cast<float>(stretch_.low[static_cast<std::size_t>(band)]);
        const auto high = static_cast<float>(stretch_.high[static_cast<std::size_t>(band)]);
        for (float& value : values) {
            const float raised = value < low ? low : value;
            value = raised > high ? high : raised;
        }
        stretch_.apply(band, values);
    }
    std::string describe() const override {
        const auto head = fmt::format("percentile: {} % to {} % of the whole scene to [{}, {}]", low_, high_,
                                      stretch_.from, stretch_.to);
        if (stretch_.low.empty()) return head;
        return fmt::format("{}: low {}, high {}", head, figures(stretch_.low), figures(stretch_.high));
    }

private:
    double low_ = 0, high_ = 100;
    Stretch stretch_;
};

}  // namespace

StepEntry percentile() {
    return {
        .name = "percentile",
        .summary = "Clips each band to two percentiles of the scene and stretches them to a range.",
        .make =
            [](const StepDefinition& definition) { return std::make_unique<PercentileStretch>(definition); },
        .keys = kPercentileKeys};
}

}  // namespace spectile::prepare
