#include "prepare/validity.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "prepare/bandwise.hpp"

namespace spectile::prepare {

void invalidate_not_finite(Cube& cube) {
    if (!any_not_finite(cube.values)) return;
    std::uint8_t* valid = cube.valid.data();
    for (int band = 0; band < cube.bands; ++band) {
        const auto values = cube.band(band);
        for (std::size_t i = 0; i < values.size(); ++i)
            valid[i] = std::isfinite(values[i]) ? valid[i] : std::uint8_t{0};
    }
}

void fill_invalid(Cube& cube, float value) {
    const auto& valid = cube.valid;
    if (std::find(valid.begin(), valid.end(), std::uint8_t{0}) == valid.end()) return;
    for (int band = 0; band < cube.bands; ++band) {
        const auto values = cube.band(band);
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = valid[i] ? values[i] : value;
    }
}

}  // namespace spectile::prepare
