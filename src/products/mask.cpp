#include "products/kinds.hpp"
#include "products/parameters.hpp"
#include "products/typed_pixels.hpp"

namespace spectile::products {
namespace {

constexpr std::uint8_t kNotMeasured = 255;

class Mask : public RasterProduct {
public:
    Mask(const ModelCard& card, double threshold) : threshold_(threshold) {
        format_.type = DataType::Byte;
        format_.nodata = kNotMeasured;
        format_.overviews = OverviewResampling::mode;
        format_.band_names = {"mask"};
        format_.categories = {"background", "target"};
        format_.colors = {{0, 0, 0, 255}, {255, 255, 255, 255}};
        const auto& classes = card.classes;
        if (classes.empty() || classes.size() > 2) return;
        format_.categories[1] = classes.back().name;
        format_.colors[1] = {classes.back().color[0], classes.back().color[1], classes.back().color[2], 255};
        if (classes.size() == 1) return;
        format_.categories[0] = classes.front().name;
        format_.colors[0] = {classes.front().color[0], classes.front().color[1], classes.front().color[2],
                             255};
    }
    const RasterFormat& format() const override { return format_; }
    void encode(const Prediction& prediction, const Window& window, std::span<std::byte> out) const override {
        expect_room(out, static_cast<std::size_t>(window.area()), 1);
        const auto target = prediction.channel(prediction.channels - 1);
        visit_pixels(prediction, window, [&](std::size_t index, std::size_t position) {
            const float p = target[index];
            const bool measured = prediction.valid[index] && p == p;
            put(out, position, measured ? static_cast<std::uint8_t>(p > threshold_) : kNotMeasured);
        });
    }

private:
    RasterFormat format_;
    double threshold_;
};

}  // namespace

std::unique_ptr<RasterProduct> make_mask(const ProductDefinition& definition, const ProductContext& context) {
    const Parameters parameters(definition, {"threshold"});
    if (context.traits.channels != 1 && context.traits.channels != 2)
        parameters.refuse("a mask needs a model of one or two outputs, this one has " +
                          std::to_string(context.traits.channels) + "; use 'class_map'");
    return std::make_unique<Mask>(context.card, parameters.threshold());
}

}  // namespace spectile::products
