#pragma once

#include <fmt/format.h>

#include "prepare/bandwise.hpp"
#include "prepare/parameters.hpp"

namespace spectile::prepare {

/// The linear map of each band's [low, high] to one range; a band with low = high becomes the range's start.
struct Stretch {
    double from = 0, to = 1;
    double eps = 0;  ///< Added to the width, as some published recipes have it.
    std::vector<double> low, high;

    /// Reads `to: [a, b]`.
    void read_range(const Parameters& given) {
        const auto range = given.numbers("to");
        if (range.size() != 2) given.refuse("to", "two numbers are needed, such as [0, 1]");
        from = range[0];
        to = range[1];
    }
    void apply(int band, std::span<float> values) const {
        const auto b = static_cast<std::size_t>(band);
        const double width = high[b] - low[b];
        const auto start = static_cast<float>(low[b]);
        const auto gain = static_cast<float>(width > 0 ? (to - from) / (width + eps) : 0.0);
        const auto base = static_cast<float>(from);
        for (float& value : values) value = (value - start) * gain + base;
    }
};

}  // namespace spectile::prepare
