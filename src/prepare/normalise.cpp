#include <algorithm>
#include <cmath>

#include "prepare/parameters.hpp"

// normalise: each spectrum divided by its own length, brightness or largest value; a spectrum of zeros stays
// zero.
namespace spectile::prepare {
namespace {

const std::vector<StepKey> kNormaliseKeys = {
    {"by", "l2 (Euclidean length), mean (brightness) or max (largest absolute value)", "\"l2\""}};
constexpr std::size_t kPixels = 1024;

enum class By { l2, mean, max };

void add_band(By by, const float* __restrict values, double* __restrict sums, std::size_t count) {
    if (by == By::l2) {
        for (std::size_t i = 0; i < count; ++i)
            sums[i] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
    } else if (by == By::mean) {
        for (std::size_t i = 0; i < count; ++i) sums[i] += static_cast<double>(values[i]);
    } else {
        for (std::size_t i = 0; i < count; ++i) {
            const double size = std::abs(static_cast<double>(values[i]));
            sums[i] = size > sums[i] ? size : sums[i];
        }
    }
}

class Normalise : public Step {
public:
    explicit Normalise(const StepDefinition& definition)
        : name_(Parameters(definition, kNormaliseKeys).one_of("by", {"l2", "mean", "max"})),
          by_(name_ == "l2"     ? By::l2
              : name_ == "mean" ? By::mean
                                : By::max) {}

    void apply(Cube& cube) const override {
        const std::size_t pixels = cube.pixels();
        std::vector<double> sums(std::min(kPixels, pixels));
        for (std::size_t begin = 0; begin < pixels; begin += kPixels) {
            const std::size_t count = std::min(kPixels, pixels - begin);
            std::fill(sums.begin(), sums.end(), 0.0);
            for (int band = 0; band < cube.bands; ++band)
                add_band(by_, cube.band(band).data() + begin, sums.data(), count);
            finish(sums.data(), count, cube.bands);
            for (int band = 0; band < cube.bands; ++band) {
                float* values = cube.band(band).data() + begin;
                for (std::size_t i = 0; i < count; ++i)
                    values[i] = static_cast<float>(static_cast<double>(values[i]) / sums[i]);
            }
        }
    }
    std::string describe() const override { return "normalise: by " + name_; }

private:
    void finish(double* sums, std::size_t count, int bands) const {
        for (std::size_t i = 0; i < count; ++i) {
            if (by_ == By::l2) sums[i] = std::sqrt(sums[i]);
            if (by_ == By::mean) sums[i] /= bands;
            sums[i] = sums[i] == 0 ? 1.0 : sums[i];
        }
    }

    std::string name_;
    By by_;
};

}  // namespace

StepEntry normalise() {
    return {.name = "normalise",
            .summary = "Divides each spectrum by its length, its brightness or its largest value.",
            .make = [](const StepDefinition& definition) { return std::make_unique<Normalise>(definition); },
            .keys = kNormaliseKeys};
}

}  // namespace spectile::prepare
