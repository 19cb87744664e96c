#include "products/pyramid.hpp"

#include <algorithm>
#include <functional>

#include "products/picture.hpp"

namespace spectile::products {
namespace {

constexpr std::int64_t kMostTiles = 400;
constexpr int kStretchSide = 1000;  ///< Of the picture whose values the scene's stretch is taken from.

/// A raster and how its tiles are painted.
struct Painted {
    Window extent;
    PictureFormat format;
    std::function<void(Picture&)> paint;
};

std::int64_t cells(std::int64_t size, int level) {
    const std::int64_t step = std::int64_t{kPyramidTile} << level;
    return (size + step - 1) / step;
}

std::int64_t tiles_of_level(const Window& extent, int level) {
    return cells(extent.width, level) * cells(extent.height, level);
}

/// Of what a tile shows, the last ones of a row or column being smaller.
Window shown_by(const Window& extent, int level, std::int64_t column, std::int64_t row) {
    const std::int64_t step = std::int64_t{kPyramidTile} << level;
    return intersect({extent.x + column * step, extent.y + row * step, step, step}, extent);
}

int side_at(std::int64_t size, int level) {
    const std::int64_t one = std::int64_t{1} << level;
    return static_cast<int>((size + one - 1) / one);
}

std::vector<PyramidTile> draw_level(const Painted& raster, int level) {
    std::vector<PyramidTile> out;
    for (std::int64_t row = 0; row < cells(raster.extent.height, level); ++row) {
        for (std::int64_t column = 0; column < cells(raster.extent.width, level); ++column) {
            const Window shown = shown_by(raster.extent, level, column, row);
            Picture picture(shown, side_at(shown.width, level), side_at(shown.height, level));
            raster.paint(picture);
            if (picture.clear()) continue;
            // What was not measured must not look like a grey class above it, and JPEG has no clear pixels.
            const auto format = picture.full() ? raster.format : PictureFormat::png;
            const char* type = format == PictureFormat::png ? "image/png" : "image/jpeg";
            out.push_back({level, static_cast<int>(column), static_cast<int>(row),
                           data_uri(encode(picture, format), type)});
        }
    }
    return out;
}

std::size_t bytes_of(const std::vector<PyramidTile>& tiles) {
    std::size_t bytes = 0;
    for (const auto& tile : tiles) bytes += tile.uri.size();
    return bytes;
}

Pyramid draw(const Painted& raster, std::size_t limit) {
    constexpr std::size_t kFinerIsLonger = 4;
    Pyramid out;
    while (cells(std::max(raster.extent.width, raster.extent.height), out.coarsest) > 1) ++out.coarsest;
    out.tiles = draw_level(raster, out.coarsest);
    std::size_t last = bytes_of(out.tiles), total = last;
    std::int64_t count = tiles_of_level(raster.extent, out.coarsest);
    for (out.finest = out.coarsest; out.finest > 0; --out.finest) {
        count += tiles_of_level(raster.extent, out.finest - 1);
        if (count > kMostTiles || total + kFinerIsLonger * last > limit) break;
        auto finer = draw_level(raster, out.finest - 1);
        last = bytes_of(finer);
        if (total + last > limit) break;
        total += last;
        std::move(finer.begin(), finer.end(), std::back_inserter(out.tiles));
    }
    return out;
}

}  // namespace

Pyramid scene_pyramid(const SceneView& view, std::size_t bytes) {
    const auto dataset = open_view(view);
    const Window extent = view.window.value_or(extent_of(*dataset));
    const Picture small(extent, kStretchSide);
    std::array<Stretch, 3> stretch;
    for (std::size_t color = 0; color < 3; ++color)
        stretch[color] = stretch_of(read_plane(*dataset, view.name, view.bands[color], small));
    const auto paint = [&](Picture& picture) {
        for (std::size_t color = 0; color < 3; ++color)
            paint_color(read_plane(*dataset, view.name, view.bands[color], picture), stretch[color], color,
                        picture);
    };
    return draw({extent, PictureFormat::jpeg, paint}, bytes);
}

Pyramid class_pyramid(const std::string& path, std::size_t bytes) {
    const auto dataset = open_raster(path);
    const GDALColorTable* table = dataset->GetRasterBand(1)->GetColorTable();
    const auto paint = [&](Picture& picture) {
        paint_classes(read_plane(*dataset, path, 1, picture), table, picture);
    };
    return draw({extent_of(*dataset), PictureFormat::png, paint}, bytes);
}

Pyramid share_pyramid(const std::string& path, std::size_t bytes) {
    const auto dataset = open_raster(path);
    const auto paint = [&](Picture& picture) {
        paint_shares(read_plane(*dataset, path, 1, picture), picture);
    };
    return draw({extent_of(*dataset), PictureFormat::png, paint}, bytes);
}

}  // namespace spectile::products
