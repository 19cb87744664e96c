#include <limits>

#include "products/classes.hpp"
#include "products/kinds.hpp"
#include "products/parameters.hpp"
#include "products/typed_pixels.hpp"

namespace spectile::products {
namespace {

/// Channel with the highest value, the first of equals; -1 where all of them are NaN.
int highest_channel(const Prediction& prediction, std::size_t pixel) {
    int best = -1;
    float value = -std::numeric_limits<float>::infinity();
    const std::size_t plane = prediction.pixels();
    for (int c = 0; c < prediction.channels; ++c) {
        const float v = prediction.values[static_cast<std::size_t>(c) * plane + pixel];
        if (v > value || (best < 0 && v == value)) {
            best = c;
            value = v;
        }
    }
    return best;
}

class ClassMap : public RasterProduct {
public:
    explicit ClassMap(const ModelCard& card) {
        describe_classes(card, format_);
        format_.band_names = {"class"};
        for (const auto& item : card.classes) values_.push_back(static_cast<std::uint16_t>(item.value));
        nodata_ = static_cast<std::uint16_t>(card.nodata);
    }
    const RasterFormat& format() const override { return format_; }
    void encode(const Prediction& prediction, const Window& window, std::span<std::byte> out) const override {
        expect_room(out, static_cast<std::size_t>(window.area()), size_of(format_.type));
        visit_pixels(prediction, window, [&](std::size_t index, std::size_t position) {
            const int channel = prediction.valid[index] ? highest_channel(prediction, index) : -1;
            const std::uint16_t value = channel < 0 ? nodata_ : values_[static_cast<std::size_t>(channel)];
            if (format_.type == DataType::Byte)
                put(out, position, static_cast<std::uint8_t>(value));
            else
                put(out, position, value);
        });
    }

private:
    RasterFormat format_;
    std::vector<std::uint16_t> values_;  ///< By channel.
    std::uint16_t nodata_ = 0;
};

}  // namespace

std::unique_ptr<RasterProduct> make_class_map(const ProductDefinition& definition,
                                              const ProductContext& context) {
    const Parameters parameters(definition, {});
    if (context.traits.multi_label)
        parameters.refuse("the model's classes do not exclude each other; use 'labels' or 'probabilities'");
    const auto classes = static_cast<int>(context.card.classes.size());
    if (classes == 0 || classes != context.traits.channels)
        parameters.refuse("the model has " + std::to_string(context.traits.channels) +
                          " outputs and its card names " + std::to_string(classes) +
                          " classes; a class map needs one class per output");
    return std::make_unique<ClassMap>(context.card);
}

std::unique_ptr<RasterProduct> make_change_map(const ProductDefinition& definition,
                                               const ProductContext& context) {
    const bool per_class = context.traits.channels > 1 &&
                           static_cast<int>(context.card.classes.size()) == context.traits.channels;
    return per_class ? make_class_map(definition, context) : make_mask(definition, context);
}

}  // namespace spectile::products
