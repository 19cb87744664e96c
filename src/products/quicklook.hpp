#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spectile/window.hpp"

// Small pictures of rasters for the report: read with decimation (overviews where there are any), as PNG in
// memory, transparent where there is no measurement.

namespace spectile::products {

struct Quicklook {
    int width = 0, height = 0;
    std::string png;  ///< The file's bytes.
};

/// What of a scene is drawn: any GDAL name, three bands (from 1; all equal for grey), a window in pixels.
struct SceneView {
    std::string name;
    std::array<int, 3> bands = {1, 1, 1};  ///< Red, green, blue.
    std::vector<std::string> open_options = {};
    std::optional<Window> window = {};  ///< Else all of it.
};

/// Each band is stretched from its 2nd to its 98th percentile. Throws Error{Code::read} or
/// Error{Code::missing} naming it.
Quicklook draw_scene(const SceneView& view, int longest_side = 1000);

/// A class map or mask in the colours of its own table; grey where it has none.
Quicklook draw_classes(const std::string& path, int longest_side = 1000);

/// A single band from 0 to 1 on the colour ramp of `kRamp`.
Quicklook draw_shares(const std::string& path, int longest_side = 1000);

/// A pixel of a picture.
struct ColoredPixel {
    std::int64_t x = 0, y = 0;
    std::array<std::uint8_t, 3> color = {};
};

/// Single pixels of a grid of `width` x `height` on clear ground. Where the grid is larger than the picture
/// the last of several pixels counts.
Quicklook draw_pixels(std::int64_t width, std::int64_t height, const std::vector<ColoredPixel>& pixels,
                      int longest_side = 1000);

/// Dark blue, teal, green, yellow: equal steps look equal, and it reads in grey.
inline constexpr std::array<std::array<int, 3>, 5> kRamp = {
    {{68, 1, 84}, {59, 82, 139}, {33, 145, 140}, {94, 201, 98}, {253, 231, 37}}};

/// "data:image/png;base64,..." for an <img>.
std::string data_uri(const Quicklook& picture);
std::string data_uri(const std::string& bytes, const std::string& media_type);

}  // namespace spectile::products
