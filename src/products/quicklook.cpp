#include "products/quicklook.hpp"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include <algorithm>
#include <atomic>
#include <cmath>

#include "products/gdal_dataset.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

/// One band at the picture's size, and which of its pixels are measured.
struct Plane {
    std::vector<float> values;
    std::vector<std::uint8_t> valid;
};

struct Picture {
    double factor = 1;  ///< Pixels of the picture per pixel of the raster.
    int width = 0, height = 0;
    std::vector<std::uint8_t> rgba;  ///< [4][rows][cols]

    Window source;  ///< What of the raster it shows.

    Picture(const Window& shown, int longest_side) : source(shown) {
        const auto longest = std::max(source.width, source.height);
        const double factor = std::min(1.0, longest_side / static_cast<double>(longest));
        const auto scaled = [&](std::int64_t size) {
            return std::max(1, static_cast<int>(std::lround(static_cast<double>(size) * factor)));
        };
        width = scaled(source.width);
        height = scaled(source.height);
        rgba.resize(4 * pixels());
    }
    std::size_t pixels() const { return static_cast<std::size_t>(width) * static_cast<std::size_t>(height); }
};

Window whole(GDALDataset& dataset) { return {0, 0, dataset.GetRasterXSize(), dataset.GetRasterYSize()}; }

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

/// The values below which `low` and `high` of the measured pixels lie.
std::pair<float, float> percentiles(const Plane& plane, double low, double high) {
    std::vector<float> sorted;
    for (std::size_t i = 0; i < plane.values.size(); ++i)
        if (plane.valid[i]) sorted.push_back(plane.values[i]);
    if (sorted.empty()) return {0, 1};
    std::sort(sorted.begin(), sorted.end());
    const auto at = [&](double share) {
        return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
    };
    return {at(low), at(high)};
}

Quicklook encode_png(Picture& picture) {
    static std::atomic<unsigned> count{0};
    const std::string path = "/vsimem/spectile-quicklook-" + std::to_string(++count) + ".png";
    const GdalErrors errors;
    DatasetPtr source(driver_of("MEM").Create("", picture.width, picture.height, 4, GDT_Byte, nullptr));
    const GDALColorInterp roles[] = {GCI_RedBand, GCI_GreenBand, GCI_BlueBand, GCI_AlphaBand};
    CPLErr result = source ? CE_None : CE_Failure;
    for (int b = 0; b < 4 && result == CE_None; ++b) {
        source->GetRasterBand(b + 1)->SetColorInterpretation(roles[b]);
        result = source->GetRasterBand(b + 1)->RasterIO(
            GF_Write, 0, 0, picture.width, picture.height,
            picture.rgba.data() + static_cast<std::size_t>(b) * picture.pixels(), picture.width,
            picture.height, GDT_Byte, 0, 0, nullptr);
    }
    if (result == CE_None) {
        const DatasetPtr copy(
            driver_of("PNG").CreateCopy(path.c_str(), source.get(), false, nullptr, nullptr, nullptr));
        if (!copy) result = CE_Failure;
    }
    vsi_l_offset size = 0;
    GByte* bytes = result == CE_None ? VSIGetMemFileBuffer(path.c_str(), &size, true) : nullptr;
    if (!bytes || errors.failed())
        throw Error(Code::internal, "a picture cannot be made for the report", errors.text());
    Quicklook quicklook{picture.width, picture.height, {reinterpret_cast<const char*>(bytes), size}};
    CPLFree(bytes);
    VSIUnlink((path + ".aux.xml").c_str());
    return quicklook;
}

}  // namespace

Quicklook draw_scene(const SceneView& view, int longest_side) {
    register_gdal();
    const auto& [name, bands, open_options, window] = view;
    CPLStringList options;
    for (const auto& option : open_options) options.AddString(option.c_str());
    const GdalErrors errors;
    const DatasetPtr dataset(
        GDALDataset::Open(name.c_str(), GDAL_OF_RASTER | GDAL_OF_VERBOSE_ERROR, nullptr, options.List()));
    if (!dataset) throw Error(Code::read, name + ": cannot be opened for its picture", errors.text());
    Picture picture(window.value_or(whole(*dataset)), longest_side);
    auto* alpha = picture.rgba.data() + 3 * picture.pixels();
    std::fill_n(alpha, picture.pixels(), std::uint8_t{255});
    for (std::size_t channel = 0; channel < 3; ++channel) {
        const Plane plane = read_plane(*dataset, name, bands[channel], picture);
        const auto [low, high] = percentiles(plane, 0.02, 0.98);
        const float range = high > low ? high - low : 1;
        for (std::size_t i = 0; i < picture.pixels(); ++i) {
            const float share = plane.valid[i] ? std::clamp((plane.values[i] - low) / range, 0.0f, 1.0f) : 0;
            picture.rgba[channel * picture.pixels() + i] =
                static_cast<std::uint8_t>(std::lround(share * 255));
            if (!plane.valid[i]) alpha[i] = 0;
        }
    }
    return encode_png(picture);
}

Quicklook draw_classes(const std::string& path, int longest_side) {
    const auto dataset = open_raster(path);
    Picture picture(whole(*dataset), longest_side);
    const Plane plane = read_plane(*dataset, path, 1, picture);
    const GDALColorTable* table = dataset->GetRasterBand(1)->GetColorTable();
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
    return encode_png(picture);
}

Quicklook draw_shares(const std::string& path, int longest_side) {
    const auto dataset = open_raster(path);
    Picture picture(whole(*dataset), longest_side);
    const Plane plane = read_plane(*dataset, path, 1, picture);
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
    return encode_png(picture);
}

Quicklook draw_pixels(std::int64_t width, std::int64_t height, const std::vector<ColoredPixel>& pixels,
                      int longest_side) {
    register_gdal();
    Picture picture({0, 0, width, height}, longest_side);
    for (const auto& pixel : pixels) {
        const auto col = pixel.x * picture.width / width, row = pixel.y * picture.height / height;
        const auto place = static_cast<std::size_t>(row) * static_cast<std::size_t>(picture.width) +
                           static_cast<std::size_t>(col);
        for (std::size_t c = 0; c < 3; ++c) picture.rgba[c * picture.pixels() + place] = pixel.color[c];
        picture.rgba[3 * picture.pixels() + place] = 255;
    }
    return encode_png(picture);
}

std::string data_uri(const Quicklook& picture) {
    char* text = CPLBase64Encode(static_cast<int>(picture.png.size()),
                                 reinterpret_cast<const GByte*>(picture.png.data()));
    std::string uri = "data:image/png;base64," + std::string(text);
    CPLFree(text);
    return uri;
}

}  // namespace spectile::products
