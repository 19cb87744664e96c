#include <algorithm>
#include <cmath>

#include "products/kinds.hpp"
#include "products/parameters.hpp"
#include "products/typed_pixels.hpp"

namespace spectile::products {
namespace {

constexpr float kNoConfidence = -1;

enum class Measure { max, margin, entropy };

/// Highest and second highest probability, and the entropy in nats.
struct Spread {
    double first = 0, second = 0, entropy = 0;
    void add(double p) {
        if (p > first) {
            second = first;
            first = p;
        } else {
            second = std::max(second, p);
        }
        if (p > 0) entropy -= p * std::log(p);
    }
};

class Confidence : public RasterProduct {
public:
    Confidence(Measure measure, const std::string& name) : measure_(measure) {
        format_.type = DataType::Float32;
        format_.nodata = kNoConfidence;
        format_.range = {0, 1};
        format_.band_names = {measure == Measure::entropy ? "entropy (0 certain, 1 undecided)"
                                                          : "confidence (" + name + ")"};
    }
    const RasterFormat& format() const override { return format_; }
    void encode(const Prediction& prediction, const Window& window, std::span<std::byte> out) const override {
        expect_room(out, static_cast<std::size_t>(window.area()), sizeof(float));
        visit_pixels(prediction, window, [&](std::size_t index, std::size_t position) {
            const float value = prediction.valid[index] ? measured(prediction, index) : kNoConfidence;
            put(out, position, value == value ? value : kNoConfidence);
        });
    }

private:
    float measured(const Prediction& prediction, std::size_t pixel) const {
        Spread spread;
        for (int c = 0; c < prediction.channels; ++c)
            spread.add(prediction.values[static_cast<std::size_t>(c) * prediction.pixels() + pixel]);
        if (prediction.channels == 1) spread.add(1 - static_cast<double>(prediction.values[pixel]));
        switch (measure_) {
            case Measure::max:
                return static_cast<float>(spread.first);
            case Measure::margin:
                return static_cast<float>(spread.first - spread.second);
            case Measure::entropy:
                break;
        }
        const double most = std::log(static_cast<double>(std::max(2, prediction.channels)));
        return static_cast<float>(std::clamp(spread.entropy / most, 0.0, 1.0));
    }

    RasterFormat format_;
    Measure measure_;
};

}  // namespace

std::unique_ptr<RasterProduct> make_confidence(const ProductDefinition& definition,
                                               const ProductContext& context) {
    const Parameters parameters(definition, {"measure"});
    if (context.traits.channels < 1)
        parameters.refuse("the model gives bands, not probabilities; use 'bands'");
    const std::string name = parameters.choice("measure", {"max", "margin", "entropy"});
    const Measure measure = name == "max"      ? Measure::max
                            : name == "margin" ? Measure::margin
                                               : Measure::entropy;
    return std::make_unique<Confidence>(measure, name);
}

}  // namespace spectile::products
