#include <cmath>

#include "products/kinds.hpp"
#include "products/parameters.hpp"
#include "products/typed_pixels.hpp"

namespace spectile::products {
namespace {

class Coverage : public RasterProduct {
public:
    Coverage() {
        format_.type = DataType::UInt16;
        format_.bands = kSupportChannels;
        format_.band_names = {"tiles that fed the pixel", "dates measured", "bands measured",
                              "scene that owns the pixel, from 1"};
        format_.overviews = OverviewResampling::nearest;
    }
    Source source() const override { return Source::support; }
    const RasterFormat& format() const override { return format_; }
    void encode(const Prediction& support, const Window& window, std::span<std::byte> out) const override {
        const auto pixels = static_cast<std::size_t>(window.area());
        expect_room(out, pixels * kSupportChannels, sizeof(std::uint16_t));
        for (std::size_t c = 0; c < kSupportChannels; ++c)
            visit_pixels(support, window, [&](std::size_t index, std::size_t position) {
                put(out, c * pixels + position,
                    static_cast<std::uint16_t>(support.values[c * support.pixels() + index]));
            });
    }

private:
    RasterFormat format_;
};

}  // namespace

std::unique_ptr<RasterProduct> make_coverage(const ProductDefinition& definition, const ProductContext&) {
    const Parameters parameters(definition, {});
    return std::make_unique<Coverage>();
}

}  // namespace spectile::products
