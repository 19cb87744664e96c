#include "products/quicklook.hpp"

#include <cpl_conv.h>
#include <cpl_string.h>

#include "products/picture.hpp"

namespace spectile::products {
namespace {

Quicklook as_png(const Picture& picture) {
    return {picture.width, picture.height, encode(picture, PictureFormat::png)};
}

}  // namespace

Quicklook draw_scene(const SceneView& view, int longest_side) {
    const auto dataset = open_view(view);
    Picture picture(view.window.value_or(extent_of(*dataset)), longest_side);
    for (std::size_t color = 0; color < 3; ++color) {
        const Plane plane = read_plane(*dataset, view.name, view.bands[color], picture);
        paint_color(plane, stretch_of(plane), color, picture);
    }
    return as_png(picture);
}

Quicklook draw_classes(const std::string& path, int longest_side) {
    const auto dataset = open_raster(path);
    Picture picture(extent_of(*dataset), longest_side);
    paint_classes(read_plane(*dataset, path, 1, picture), dataset->GetRasterBand(1)->GetColorTable(),
                  picture);
    return as_png(picture);
}

Quicklook draw_shares(const std::string& path, int longest_side) {
    const auto dataset = open_raster(path);
    Picture picture(extent_of(*dataset), longest_side);
    paint_shares(read_plane(*dataset, path, 1, picture), picture);
    return as_png(picture);
}

Quicklook draw_pixels(std::int64_t width, std::int64_t height, const std::vector<ColoredPixel>& pixels,
                      int longest_side) {
    start_gdal();
    Picture picture({0, 0, width, height}, longest_side);
    for (const auto& pixel : pixels) {
        const auto col = pixel.x * picture.width / width, row = pixel.y * picture.height / height;
        const auto place = static_cast<std::size_t>(row) * static_cast<std::size_t>(picture.width) +
                           static_cast<std::size_t>(col);
        for (std::size_t c = 0; c < 3; ++c) picture.rgba[c * picture.pixels() + place] = pixel.color[c];
        picture.rgba[3 * picture.pixels() + place] = 255;
    }
    return as_png(picture);
}

std::string data_uri(const std::string& bytes, const std::string& media_type) {
    char* text =
        CPLBase64Encode(static_cast<int>(bytes.size()), reinterpret_cast<const GByte*>(bytes.data()));
    std::string uri = "data:" + media_type + ";base64," + text;
    CPLFree(text);
    return uri;
}

std::string data_uri(const Quicklook& picture) { return data_uri(picture.png, "image/png"); }

}  // namespace spectile::products
