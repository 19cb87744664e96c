#include <algorithm>

#include "products/classes.hpp"
#include "products/kinds.hpp"
#include "products/parameters.hpp"
#include "products/typed_pixels.hpp"

namespace spectile::products {
namespace {

constexpr float kNodataFloat = -1;
constexpr std::uint8_t kNodataByte = 255;
constexpr double kSteps = 254;  ///< 255 is left to nodata.

class Probabilities : public RasterProduct {
public:
    Probabilities(const ModelCard& card, int channels, bool as_bytes) {
        format_.type = as_bytes ? DataType::Byte : DataType::Float32;
        format_.bands = channels;
        format_.band_names = channel_names(card, channels);
        format_.nodata = as_bytes ? double{kNodataByte} : double{kNodataFloat};
        if (as_bytes) format_.scale = 1 / kSteps;
        format_.range = {0, 1};
    }
    const RasterFormat& format() const override { return format_; }
    void encode(const Prediction& prediction, const Window& window, std::span<std::byte> out) const override {
        const auto pixels = static_cast<std::size_t>(window.area());
        expect_room(out, pixels * static_cast<std::size_t>(format_.bands), size_of(format_.type));
        for (int c = 0; c < format_.bands; ++c) {
            const auto channel = prediction.channel(c);
            const std::size_t plane = static_cast<std::size_t>(c) * pixels;
            visit_pixels(prediction, window, [&](std::size_t index, std::size_t position) {
                const float p = channel[index];
                const bool measured = prediction.valid[index] && p == p;
                if (format_.type == DataType::Float32)
                    put(out, plane + position, measured ? p : kNodataFloat);
                else
                    put(out, plane + position, measured ? byte_of(p) : kNodataByte);
            });
        }
    }

private:
    static std::uint8_t byte_of(float p) {
        return stored_as<std::uint8_t>(std::clamp(static_cast<double>(p), 0.0, 1.0) * kSteps);
    }
    RasterFormat format_;
};

}  // namespace

std::unique_ptr<RasterProduct> make_probabilities(const ProductDefinition& definition,
                                                  const ProductContext& context) {
    const Parameters parameters(definition, {"type"});
    if (context.traits.channels < 1)
        parameters.refuse("the model gives bands, not probabilities; use 'bands'");
    return std::make_unique<Probabilities>(context.card, context.traits.channels,
                                           parameters.choice("type", {"float32", "uint8"}) == "uint8");
}

}  // namespace spectile::products
