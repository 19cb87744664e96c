#pragma once

#include <cmath>

namespace spectile {

/// Target pixels per source pixel, from source pixels per target pixel; that of a whole number of pixels is
/// taken for it, as GDAL does.
inline double warp_scale(double source_pixels) {
    if (!(source_pixels > 0) || !std::isfinite(source_pixels)) return 1;
    const double whole = std::round(source_pixels);
    constexpr double kAlmost = 0.05;
    return whole >= 1 && std::abs(source_pixels - whole) < kAlmost ? 1 / whole : 1 / source_pixels;
}

}  // namespace spectile
