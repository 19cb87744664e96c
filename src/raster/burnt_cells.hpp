#pragma once

#include <cstdint>
#include <list>
#include <vector>

#include "raster/placed_features.hpp"
#include "spectile/window.hpp"

namespace spectile {

/// Features rasterised in cells that are anchored at the grid's origin.
///
/// A pixel's value therefore does not depend on the window it is asked through, whatever the rounding of the
/// rasteriser (GDAL's own: polygons by pixel centres, points by the pixel that holds them; later features
/// win). Belongs to one thread at a time; remembers the cells used last.
template <typename T>
class BurntCells {
public:
    static constexpr std::int64_t kSide = 256;

    /// `features` must outlive the object. Pixels that nothing touches are `background`.
    BurntCells(const std::vector<PlacedFeature>& features, T background)
        : features_(features), background_(background) {}

    /// Calls `visit(x, y, value)` for each pixel of a window, cell by cell.
    template <typename Visit>
    void visit(const Window& window, Visit&& visit);

private:
    struct Cell {
        std::int64_t column = 0, row = 0;
        std::vector<T> values;
    };
    static constexpr std::size_t kRemembered = 64 / sizeof(T);  ///< 4 MiB.
    const Cell& cell(std::int64_t column, std::int64_t row);

    const std::vector<PlacedFeature>& features_;
    T background_;
    std::list<Cell> cells_;  ///< Last used first.
};

extern template class BurntCells<std::uint8_t>;
extern template class BurntCells<std::int32_t>;

template <typename T>
template <typename Visit>
void BurntCells<T>::visit(const Window& window, Visit&& visit) {
    if (window.empty()) return;
    for (std::int64_t row = window.y / kSide; row * kSide < window.bottom(); ++row)
        for (std::int64_t column = window.x / kSide; column * kSide < window.right(); ++column) {
            const Window place = intersect(window, {column * kSide, row * kSide, kSide, kSide});
            const Cell& from = cell(column, row);
            for (std::int64_t y = place.y; y < place.bottom(); ++y)
                for (std::int64_t x = place.x; x < place.right(); ++x)
                    visit(x, y,
                          from.values[static_cast<std::size_t>((y - row * kSide) * kSide + x -
                                                               column * kSide)]);
        }
}

}  // namespace spectile
