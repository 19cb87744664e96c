#include <fmt/format.h>

#include "prepare/bandwise.hpp"
#include "prepare/parameters.hpp"

// physical: raw values to physical ones by the scale and offset that the scene states for each band. The
// bands that leave have scale 1 and offset 0, so that a second one changes nothing.
namespace spectile::prepare {
namespace {

const std::vector<StepKey> kPhysicalKeys = {};

class Physical : public BandwiseStep {
public:
    std::vector<BandInfo> bind(std::vector<BandInfo> bands) override {
        scale_.clear();
        offset_.clear();
        for (auto& band : bands) {
            scale_.push_back(band.scale);
            offset_.push_back(band.offset);
            band.scale = 1;
            band.offset = 0;
        }
        return bands;
    }
    void apply_band(int band, std::span<float> values) const override {
        // In double: the product of a 16-bit count and 0.0001 is then the float nearest to it.
        const double scale = scale_[static_cast<std::size_t>(band)];
        const double offset = offset_[static_cast<std::size_t>(band)];
        if (scale == 1 && offset == 0) return;
        for (float& value : values) value = static_cast<float>(static_cast<double>(value) * scale + offset);
    }
    std::string describe() const override {
        return fmt::format("physical: scale {}, offset {}", figures(scale_), figures(offset_));
    }

private:
    std::vector<double> scale_, offset_;
};

}  // namespace

StepEntry physical() {
    return {
        .name = "physical",
        .summary =
            "Raw values to physical units by the scene's own scale and offset; every chain begins with it.",
        .make =
            [](const StepDefinition& definition) {
                const Parameters checked(definition, kPhysicalKeys);
                return std::make_unique<Physical>();
            },
        .keys = kPhysicalKeys};
}

}  // namespace spectile::prepare
