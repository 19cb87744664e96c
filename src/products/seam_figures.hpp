#pragma once

#include <cstdint>
#include <string>

namespace spectile::products {

/// How far two rasters of one grid lie apart over some of their pixels.
struct Difference {
    std::int64_t pixels = 0;  ///< Valid in both.
    /// Their strongest channel is another, one channel crosses 0.5, or only one is valid.
    std::int64_t changed = 0;
    double largest = 0;  ///< Of any channel, in the product's unit.
    double sum = 0;      ///< Of all channels' absolute differences.
    std::int64_t values = 0;

    double mean() const { return values ? sum / static_cast<double>(values) : 0; }
};

/// What tiling did to a result.
struct SeamFigures {
    std::int64_t width = 0, height = 0;
    Difference all;
    Difference near;  ///< Pixels within one of a line between two tiles' cores.
};

/// Compares two rasters written by `bands` or `probabilities`: by tiles whose cores meet at `first` and every
/// `tile` pixels from there, and as one. Throws Error{Code::read} where they cannot be read or are of
/// different size.
SeamFigures compare_tiled(const std::string& tiled, const std::string& whole, std::int64_t tile,
                          std::int64_t first = 0);

}  // namespace spectile::products
