#include <algorithm>
#include <cmath>

#include "kernels/four_way_scan.hpp"

namespace spectile::kernels {

FourWayCoefficients::FourWayCoefficients(const FourWayScan& scan)
    : groups((scan.channels + kFourWayGroup - 1) / kFourWayGroup), rank(scan.rank) {
    constexpr std::int64_t kStates = FourWayScan::kStates, kWidth = kFourWayGroup;
    const auto total = static_cast<std::size_t>(FourWayScan::kDirections * groups * kWidth);
    a.assign(total * kStates, 0.0F);
    a2 = a;
    a2_largest.assign(total, 0.0F);
    bias = skip = a2_largest;
    dt_weight.assign(total * static_cast<std::size_t>(rank), 0.0F);
    for (std::int64_t k = 0; k < FourWayScan::kDirections; ++k)
        for (std::int64_t channel = 0; channel < scan.channels; ++channel) {
            const std::int64_t group = k * groups + channel / kWidth, lane = channel % kWidth,
                               from = k * scan.channels + channel;
            const auto at = static_cast<std::size_t>(group * kWidth + lane);
            bias[at] = scan.dt_bias[from];
            skip[at] = scan.D[from];
            for (std::int64_t r = 0; r < rank; ++r)
                dt_weight[static_cast<std::size_t>((group * rank + r) * kWidth + lane)] =
                    scan.dt_weight[from * rank + r];
            for (std::int64_t n = 0; n < kStates; ++n) {
                const auto to = static_cast<std::size_t>((group * kStates + n) * kWidth + lane);
                a[to] = scan.A[from * kStates + n];
                a2[to] = a[to] * 1.44269504088896341F;
                a2_largest[at] = std::fmax(a2_largest[at], std::fabs(a2[to]));
            }
        }
}

}  // namespace spectile::kernels
