#include <algorithm>
#include <cmath>
#include <limits>

#include "products/kinds.hpp"
#include "products/parameters.hpp"
#include "products/typed_pixels.hpp"

namespace spectile::products {
namespace {

/// The source's type where all bands share it; Float32 for mixed types, which it holds without loss.
DataType common_type(const ProductContext& context) {
    DataType type = context.bands.front().type;
    for (std::size_t i = 0; i < context.bands.size(); ++i) {
        const DataType own = context.bands[i].type;
        if (own == DataType::Complex || (!fits_float32(own) && !context.lossy))
            throw Error(Code::scene,
                        context.scene.name + ": band " + std::to_string(i + 1) + " is " +
                            std::string(name_of(own)) + ", which float32 cannot hold exactly" +
                            (own == DataType::Complex ? "" : "; use --lossy to write it as Float32"));
        if (own != type) type = DataType::Float32;
    }
    return fits_float32(type) ? type : DataType::Float32;
}

template <typename T>
void encode_as(const Prediction& prediction, const Window& window, double nodata,
               const std::vector<BandInfo>& bands, std::span<std::byte> out) {
    const auto pixels = static_cast<std::size_t>(window.area());
    const T empty = stored_as<T>(nodata);
    for (int c = 0; c < prediction.channels; ++c) {
        const auto channel = prediction.channel(c);
        const std::size_t plane = static_cast<std::size_t>(c) * pixels;
        // One file has one nodata value: a band with another comes out with the file's.
        const auto own = bands[static_cast<std::size_t>(c)].nodata;
        const bool other = own && *own != nodata && !std::isnan(*own);
        const float other_value = other ? static_cast<float>(*own) : 0.0F;
        visit_pixels(prediction, window, [&](std::size_t index, std::size_t position) {
            const bool measured = prediction.valid[index] && !(other && channel[index] == other_value);
            put(out, plane + position, measured ? stored_as<T>(channel[index]) : empty);
        });
    }
}

class Bands : public RasterProduct {
public:
    Bands(const ProductContext& context, DataType type, std::optional<double> nodata) {
        format_.type = type;
        format_.bands = static_cast<int>(context.bands.size());
        format_.band_infos = context.bands;
        for (const auto& band : context.bands) format_.band_names.push_back(band.name);
        format_.nodata = nodata;
        const auto same = [&](const BandInfo& band) {
            return band.scale == context.bands.front().scale && band.offset == context.bands.front().offset;
        };
        if (std::all_of(context.bands.begin(), context.bands.end(), same)) {
            format_.scale = context.bands.front().scale;
            format_.offset = context.bands.front().offset;
        }
    }
    const RasterFormat& format() const override { return format_; }
    void encode(const Prediction& prediction, const Window& window, std::span<std::byte> out) const override {
        if (prediction.channels != format_.bands)
            throw Error(Code::internal, "a prediction of " + std::to_string(prediction.channels) +
                                            " channels for " + std::to_string(format_.bands) + " bands");
        expect_room(out, static_cast<std::size_t>(window.area()) * static_cast<std::size_t>(format_.bands),
                    size_of(format_.type));
        const double nodata = format_.nodata.value_or(0);
        switch (format_.type) {
            case DataType::Byte:
                return encode_as<std::uint8_t>(prediction, window, nodata, format_.band_infos, out);
            case DataType::Int8:
                return encode_as<std::int8_t>(prediction, window, nodata, format_.band_infos, out);
            case DataType::UInt16:
                return encode_as<std::uint16_t>(prediction, window, nodata, format_.band_infos, out);
            case DataType::Int16:
                return encode_as<std::int16_t>(prediction, window, nodata, format_.band_infos, out);
            default:
                return encode_as<float>(prediction, window, nodata, format_.band_infos, out);
        }
    }

private:
    RasterFormat format_;
};

}  // namespace

std::unique_ptr<RasterProduct> make_bands(const ProductDefinition& definition,
                                          const ProductContext& context) {
    const Parameters parameters(definition, {"nodata"});
    if (context.traits.channels != 0 && context.traits.channels != static_cast<int>(context.bands.size()))
        parameters.refuse("the model does not give its input bands; use 'probabilities'");
    if (context.bands.empty()) parameters.refuse("no band enters the model");
    const DataType type = common_type(context);
    std::optional<double> nodata = parameters.number("nodata");
    for (const auto& band : context.bands)
        if (!nodata && band.nodata) nodata = band.nodata;
    // A float scene without a declared value marks its gaps by NaN; so does its copy.
    if (!nodata && type == DataType::Float32) nodata = std::numeric_limits<double>::quiet_NaN();
    return std::make_unique<Bands>(context, type, nodata);
}

}  // namespace spectile::products
