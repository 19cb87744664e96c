#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "kernels/four_way_scan.hpp"

namespace spectile::kernels {

/// Gradients of one direction and group, 8 channels side by side.
struct FourWayGroupSums {
    float *d_a, *d_dt_weight, *d_bias, *d_skip;
};

/// What the backward scan keeps; does not depend on the instruction level.
struct FourWayBackwardMemory {
    static constexpr std::size_t kWide = kFourWayGroup, kStates = FourWayScan::kStates, kRun = 16;

    std::size_t groups, rank;
    std::vector<float> starts;   ///< [run][group][state][8]: states before the run
    std::vector<float> d_bc;     ///< [token of a run][32][8]: lanes of the gradients of B and C
    std::vector<float> d_low;    ///< [token of a run][rank][8]: of the low-rank step
    std::vector<float> carried;  ///< [group][state][8]
    std::vector<float> d_a, d_dt_weight, d_bias, d_skip;  ///< As FourWayCoefficients.

    FourWayBackwardMemory(const FourWayScan& scan, std::int64_t group_count)
        : groups(static_cast<std::size_t>(group_count)), rank(static_cast<std::size_t>(scan.rank)) {
        const std::size_t runs = (static_cast<std::size_t>(scan.tokens()) + kRun - 1) / kRun,
                          all = FourWayScan::kDirections * groups * kWide;
        starts.resize(runs * groups * kStates * kWide);
        d_bc.resize(kRun * 2 * kStates * kWide);
        d_low.resize(kRun * rank * kWide);
        carried.resize(groups * kStates * kWide);
        d_a.resize(all * kStates);
        d_dt_weight.resize(all * rank);
        d_bias.resize(all);
        d_skip.resize(all);
    }

    const float* start(std::size_t run, std::int64_t group) const {
        return starts.data() + (run * groups + static_cast<std::size_t>(group)) * kStates * kWide;
    }
    float* carry(std::int64_t group) {
        return carried.data() + static_cast<std::size_t>(group) * kStates * kWide;
    }
    void clear_carry() { std::fill(carried.begin(), carried.end(), 0.0F); }
    FourWayGroupSums sums(std::int64_t direction, std::int64_t group) {
        const std::size_t at = static_cast<std::size_t>(direction) * groups + static_cast<std::size_t>(group);
        return {d_a.data() + at * kStates * kWide, d_dt_weight.data() + at * rank * kWide,
                d_bias.data() + at * kWide, d_skip.data() + at * kWide};
    }

    /// Writes the sums in the order of the inputs.
    void store(const FourWayScan& scan, const FourWayGradients& out) const {
        const auto channels = static_cast<std::size_t>(scan.channels);
        for (std::size_t k = 0; k < FourWayScan::kDirections; ++k)
            for (std::size_t channel = 0; channel < channels; ++channel) {
                const std::size_t group = k * groups + channel / kWide, lane = channel % kWide,
                                  to = k * channels + channel;
                out.d_dt_bias[to] = d_bias[group * kWide + lane];
                out.d_D[to] = d_skip[group * kWide + lane];
                for (std::size_t r = 0; r < rank; ++r)
                    out.d_dt_weight[to * rank + r] = d_dt_weight[(group * rank + r) * kWide + lane];
                for (std::size_t n = 0; n < kStates; ++n)
                    out.d_A[to * kStates + n] = d_a[(group * kStates + n) * kWide + lane];
            }
    }
};

}  // namespace spectile::kernels
