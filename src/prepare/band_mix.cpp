#include "prepare/band_mix.hpp"

#include <algorithm>
#include <cstring>

namespace spectile::prepare {
namespace {

constexpr std::size_t kPixels = 256;  // with 200 bands a piece is 200 KiB: second-level cache

/// Calls `write(out_band, piece, count, destination)` for each output band of each piece of pixels; `piece`
/// holds the bands that entered, kPixels apart, so that the cube can be overwritten.
template <typename Write>
void rewrite(Cube& cube, int bands_out, Write&& write) {
    const std::size_t pixels = cube.pixels();
    const auto bands_in = static_cast<std::size_t>(cube.bands);
    const auto out = static_cast<std::size_t>(bands_out);
    if (out > bands_in) cube.values.resize(out * pixels);
    std::vector<float> piece(bands_in * kPixels);
    for (std::size_t begin = 0; begin < pixels; begin += kPixels) {
        const std::size_t count = std::min(kPixels, pixels - begin);
        for (std::size_t band = 0; band < bands_in; ++band)
            std::memcpy(piece.data() + band * kPixels, cube.values.data() + band * pixels + begin,
                        count * sizeof(float));
        for (std::size_t band = 0; band < out; ++band)
            write(band, piece.data(), count, cube.values.data() + band * pixels + begin);
    }
    cube.bands = bands_out;
    cube.values.resize(out * pixels);
}

void add_weighted(float* __restrict sum, const float* __restrict source, float weight, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) sum[i] += weight * source[i];
}

}  // namespace

void mix_bands(std::span<const BandMix> mixes, Cube& cube) {
    rewrite(cube, static_cast<int>(mixes.size()),
            [&](std::size_t band, const float* piece, std::size_t count, float* destination) {
                const BandMix& mix = mixes[band];
                std::fill_n(destination, count, 0.0F);
                for (std::size_t i = 0; i < mix.sources.size(); ++i)
                    add_weighted(destination, piece + static_cast<std::size_t>(mix.sources[i]) * kPixels,
                                 mix.weights[i], count);
            });
}

void keep_bands(std::span<const int> chosen, Cube& cube) {
    bool same = static_cast<int>(chosen.size()) == cube.bands;
    for (std::size_t i = 0; same && i < chosen.size(); ++i) same = chosen[i] == static_cast<int>(i);
    if (same) return;
    rewrite(cube, static_cast<int>(chosen.size()),
            [&](std::size_t band, const float* piece, std::size_t count, float* destination) {
                std::memcpy(destination, piece + static_cast<std::size_t>(chosen[band]) * kPixels,
                            count * sizeof(float));
            });
}

}  // namespace spectile::prepare
