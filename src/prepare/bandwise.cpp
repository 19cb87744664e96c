#include "prepare/bandwise.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace spectile::prepare {
namespace {

constexpr std::size_t kPiece = 4096;  // 16 KiB of float32: stays in a first-level cache

}  // namespace

void BandwiseStep::apply(Cube& cube) const {
    for (int band = 0; band < cube.bands; ++band) apply_band(band, cube.band(band));
}

bool any_not_finite(std::span<const float> values) {
    constexpr std::uint32_t kExponent = 0x7f800000U;
    std::uint32_t found = 0;
    for (const float value : values)
        found |= static_cast<std::uint32_t>((std::bit_cast<std::uint32_t>(value) & kExponent) == kExponent);
    return found != 0;
}

bool apply_bandwise(std::span<const BandwiseStep* const> steps, Cube& cube) {
    bool found = false;
    for (int band = 0; band < cube.bands; ++band) {
        const auto values = cube.band(band);
        for (std::size_t begin = 0; begin < values.size(); begin += kPiece) {
            const auto piece = values.subspan(begin, std::min(kPiece, values.size() - begin));
            for (const auto* step : steps) step->apply_band(band, piece);
            found |= any_not_finite(piece);
        }
    }
    return found;
}

}  // namespace spectile::prepare
