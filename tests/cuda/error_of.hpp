#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace spectile::cuda {

/// The largest difference, over the largest value that is expected; INFINITY where a value is not finite.
inline double error_of(const std::vector<float>& ours, const std::vector<float>& expected) {
    double worst = 0, largest = 1e-6;
    for (const float value : expected) largest = std::max(largest, static_cast<double>(std::abs(value)));
    for (std::size_t i = 0; i < ours.size(); ++i)
        worst = std::isfinite(ours[i]) ? std::max(worst, std::abs(static_cast<double>(ours[i]) - expected[i]))
                                       : INFINITY;
    return worst / largest;
}

}  // namespace spectile::cuda
