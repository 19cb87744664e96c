#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

namespace spectile {

/// A rectangle in pixel coordinates of a raster: origin top left, x to the right, y down.
///
/// May reach beyond the raster (padded windows do). Empty where width or height is not positive.
struct Window {
    std::int64_t x = 0;
    std::int64_t y = 0;
    std::int64_t width = 0;
    std::int64_t height = 0;

    std::int64_t right() const { return x + width; }
    std::int64_t bottom() const { return y + height; }
    std::int64_t area() const { return empty() ? 0 : width * height; }
    bool empty() const { return width <= 0 || height <= 0; }
    bool contains(const Window& other) const {
        return other.x >= x && other.y >= y && other.right() <= right() && other.bottom() <= bottom();
    }
    bool operator==(const Window&) const = default;
};

/// The common rectangle; an empty window where there is none.
inline Window intersect(const Window& a, const Window& b) {
    const std::int64_t x = std::max(a.x, b.x);
    const std::int64_t y = std::max(a.y, b.y);
    const std::int64_t width = std::min(a.right(), b.right()) - x;
    const std::int64_t height = std::min(a.bottom(), b.bottom()) - y;
    return width > 0 && height > 0 ? Window{x, y, width, height} : Window{x, y, 0, 0};
}

/// The window with `halo` more pixels on every side.
inline Window grow(const Window& w, std::int64_t halo) {
    return {w.x - halo, w.y - halo, w.width + 2 * halo, w.height + 2 * halo};
}

/// For messages: "544x544 at (4096, 0)".
inline std::string to_string(const Window& w) {
    return std::to_string(w.width) + "x" + std::to_string(w.height) + " at (" + std::to_string(w.x) + ", " +
           std::to_string(w.y) + ")";
}

}  // namespace spectile
