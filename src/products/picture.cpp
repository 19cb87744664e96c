#include "products/picture.hpp"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include <algorithm>
#include <atomic>
#include <cmath>

#include "spectile/error.hpp"

namespace spectile::products {
namespace {

constexpr std::uint8_t kGrey = 128;

double factor_of(const Window& shown, int longest_side) {
    return std::min(1.0, longest_side / static_cast<double>(std::max(shown.width, shown.height)));
}

int scaled(std::int64_t size, double factor) {
    return std::max(1, static_cast<int>(std::lround(static_cast<double>(size) * factor)));
}

/// Three bands, and alpha where the format has it.
DatasetHandle as_dataset(const Picture& picture, int bands) {
    DatasetHandle out(driver_of("MEM").Create("", picture.width, picture.height, bands, GDT_Byte, nullptr));
    const GDALColorInterp roles[] = {GCI_RedBand, GCI_GreenBand, GCI_BlueBand, GCI_AlphaBand};
    for (int b = 0; out && b < bands; ++b) {
        const auto* begin = picture.rgba.data() + static_cast<std::size_t>(b) * picture.pixels();
        std::vector<std::uint8_t> values(begin, begin + picture.pixels());
        for (std::size_t i = 0; bands == 3 && i < values.size(); ++i)
            if (picture.rgba[3 * picture.pixels() + i] == 0) values[i] = kGrey;
        auto& band = *out->GetRasterBand(b + 1);
        band.SetColorInterpretation(roles[b]);
        if (band.RasterIO(GF_Write, 0, 0, picture.width, picture.height, values.data(), picture.width,
                          picture.height, GDT_Byte, 0, 0, nullptr) != CE_None)
            out.reset();
    }
    return out;
}

}  // namespace

Picture::Picture(const Window& shown, int longest_side)
    : Picture(shown, scaled(shown.width, factor_of(shown, longest_side)),
              scaled(shown.height, factor_of(shown, longest_side))) {}

Picture::Picture(const Window& shown, int wide, int high) : source(shown), width(wide), height(high) {
    rgba.resize(4 * pixels());
}

bool Picture::clear() const {
    return std::all_of(rgba.begin() + static_cast<std::ptrdiff_t>(3 * pixels()), rgba.end(),
                       [](std::uint8_t alpha) { return alpha == 0; });
}

bool Picture::full() const {
    return std::all_of(rgba.begin() + static_cast<std::ptrdiff_t>(3 * pixels()), rgba.end(),
                       [](std::uint8_t alpha) { return alpha != 0; });
}

Window extent_of(GDALDataset& dataset) { return {0, 0, dataset.GetRasterXSize(), dataset.GetRasterYSize()}; }

DatasetHandle open_view(const SceneView& view) {
    start_gdal();
    CPLStringList options;
    for (const auto& option : view.open_options) options.AddString(option.c_str());
    const GdalErrors errors;
    DatasetHandle dataset(GDALDataset::Open(view.name.c_str(), GDAL_OF_RASTER | GDAL_OF_VERBOSE_ERROR,
                                            nullptr, options.List()));
    if (!dataset) throw Error(Code::read, view.name + ": cannot be opened for its picture", errors.text());
    return dataset;
}

Plane read_plane(GDALDataset& dataset, const std::string& name, int band_number, const Picture& picture) {
    if (band_number < 1 || band_number > dataset.GetRasterCount())
        throw Error(Code::internal, name + ": has no band " + std::to_string(band_number));
    auto& band = *dataset.GetRasterBand(band_number);
    Plane plane;
    plane.values.resize(picture.pixels());
    plane.valid.resize(picture.pixels());
    const GdalErrors errors;
    const auto read = [&](GDALRasterBand& source, void* out, GDALDataType type) {
        const auto [x, y, width, height] = picture.source;
        return source.RasterIO(GF_Read, static_cast<int>(x), static_cast<int>(y), static_cast<int>(width),
                               static_cast<int>(height), out, picture.width, picture.height, type, 0, 0,
                               nullptr);
    };
    if (read(band, plane.values.data(), GDT_Float32) != CE_None ||
        read(*band.GetMaskBand(), plane.valid.data(), GDT_Byte) != CE_None || errors.failed())
        throw Error(Code::read,
                    name + ": band " + std::to_string(band_number) + " cannot be read for its picture",
                    errors.text());
    for (std::size_t i = 0; i < plane.values.size(); ++i)
        plane.valid[i] = plane.valid[i] != 0 && std::isfinite(plane.values[i]);
    return plane;
}

Stretch stretch_of(const Plane& plane) {
    constexpr double kLow = 0.02, kHigh = 0.98;
    std::vector<float> sorted;
    for (std::size_t i = 0; i < plane.values.size(); ++i)
        if (plane.valid[i]) sorted.push_back(plane.values[i]);
    if (sorted.empty()) return {};
    std::sort(sorted.begin(), sorted.end());
    const auto at = [&](double share) {
        return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
    };
    return {at(kLow), at(kHigh)};
}

void paint_color(const Plane& plane, const Stretch& stretch, std::size_t color, Picture& picture) {
    const float range = stretch.high > stretch.low ? stretch.high - stretch.low : 1;
    auto* alpha = picture.rgba.data() + 3 * picture.pixels();
    if (color == 0) std::fill_n(alpha, picture.pixels(), std::uint8_t{255});
    for (std::size_t i = 0; i < picture.pixels(); ++i) {
        const float share =
            plane.valid[i] ? std::clamp((plane.values[i] - stretch.low) / range, 0.0f, 1.0f) : 0;
        picture.rgba[color * picture.pixels() + i] = static_cast<std::uint8_t>(std::lround(share * 255));
        if (!plane.valid[i]) alpha[i] = 0;
    }
}

void paint_classes(const Plane& plane, const GDALColorTable* table, Picture& picture) {
    for (std::size_t i = 0; i < picture.pixels(); ++i) {
        const int value = static_cast<int>(plane.values[i]);
        GDALColorEntry entry{static_cast<short>(value & 255), static_cast<short>(value & 255),
                             static_cast<short>(value & 255), 255};
        if (table && value >= 0 && value < table->GetColorEntryCount()) entry = *table->GetColorEntry(value);
        const short channels[] = {entry.c1, entry.c2, entry.c3};
        for (std::size_t c = 0; c < 3; ++c)
            picture.rgba[c * picture.pixels() + i] =
                plane.valid[i] ? static_cast<std::uint8_t>(channels[c]) : 0;
        picture.rgba[3 * picture.pixels() + i] = plane.valid[i] ? 255 : 0;
    }
}

void paint_shares(const Plane& plane, Picture& picture) {
    for (std::size_t i = 0; i < picture.pixels(); ++i) {
        if (!plane.valid[i]) continue;
        const float place = std::clamp(plane.values[i], 0.0f, 1.0f) * static_cast<float>(kRamp.size() - 1);
        const auto step = std::min(static_cast<std::size_t>(place), kRamp.size() - 2);
        const float rest = place - static_cast<float>(step);
        for (std::size_t c = 0; c < 3; ++c) {
            const auto from = static_cast<float>(kRamp[step][c]), to = static_cast<float>(kRamp[step + 1][c]);
            picture.rgba[c * picture.pixels() + i] =
                static_cast<std::uint8_t>(std::lround(from + rest * (to - from)));
        }
        picture.rgba[3 * picture.pixels() + i] = 255;
    }
}

std::string encode(const Picture& picture, PictureFormat format) {
    static std::atomic<unsigned> count{0};
    const bool png = format == PictureFormat::png;
    const std::string path = "/vsimem/spectile-picture-" + std::to_string(++count) + (png ? ".png" : ".jpg");
    const GdalErrors errors;
    const auto source = as_dataset(picture, png ? 4 : 3);
    bool written = false;
    if (source) {
        const DatasetHandle copy(
            driver_of(png ? "PNG" : "JPEG")
                .CreateCopy(path.c_str(), source.get(), false, nullptr, nullptr, nullptr));
        written = copy != nullptr;
    }
    vsi_l_offset size = 0;
    GByte* bytes = written ? VSIGetMemFileBuffer(path.c_str(), &size, true) : nullptr;
    if (!bytes || errors.failed())
        throw Error(Code::internal, "a picture cannot be made for the report", errors.text());
    std::string out(reinterpret_cast<const char*>(bytes), size);
    CPLFree(bytes);
    VSIUnlink((path + ".aux.xml").c_str());
    return out;
}

}  // namespace spectile::products
