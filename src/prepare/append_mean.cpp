#include <fmt/format.h>

#include "prepare/parameters.hpp"

// append_mean: the mean over all bands, as further bands after the last.
namespace spectile::prepare {
namespace {

constexpr std::int64_t kMostTimes = 16;
const std::vector<StepKey> kAppendMeanKeys = {{"times", "how many bands of it are appended", "1"}};

class AppendMean : public Step {
public:
    explicit AppendMean(const StepDefinition& definition)
        : times_(Parameters(definition, kAppendMeanKeys).whole("times", 1, kMostTimes)) {}

    std::vector<BandInfo> bind(std::vector<BandInfo> bands) override {
        for (std::int64_t i = 0; i < times_; ++i) {
            bands.emplace_back();
            bands.back().name = "mean";
        }
        return bands;
    }
    void apply(Cube& cube) const override {
        const int bands = cube.bands;
        const std::size_t pixels = cube.pixels();
        std::vector<double> sums(pixels, 0.0);
        for (int band = 0; band < bands; ++band)
            for (std::size_t i = 0; i < pixels; ++i) sums[i] += static_cast<double>(cube.band(band)[i]);
        cube.bands += static_cast<int>(times_);
        cube.values.resize(static_cast<std::size_t>(cube.bands) * pixels);
        for (int band = bands; band < cube.bands; ++band)
            for (std::size_t i = 0; i < pixels; ++i) cube.band(band)[i] = static_cast<float>(sums[i] / bands);
    }
    std::string describe() const override {
        return fmt::format("append_mean: the mean over all bands, {} time{}", times_, times_ == 1 ? "" : "s");
    }

private:
    std::int64_t times_;
};

}  // namespace

StepEntry append_mean() {
    return {.name = "append_mean",
            .summary = "Appends the mean over all bands as further bands.",
            .make = [](const StepDefinition& definition) { return std::make_unique<AppendMean>(definition); },
            .keys = kAppendMeanKeys,
            .example = R"({"times": 2})"};
}

}  // namespace spectile::prepare
