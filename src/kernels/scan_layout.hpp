#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "kernels/selective_scan.hpp"

// Host-side preparation of the selective scan that does not depend on the instruction level.

namespace spectile::kernels {

/// Channels that lie side by side in the lanes.
inline constexpr std::size_t kScanGroup = 16;
/// Tokens handled per run: states are stored this often for the backward pass.
inline constexpr std::size_t kScanRun = 16;

/// A as [group][state][16 channels], once as it is and once times log2(e), with zeros in missing channels.
struct ScanCoefficients {
    std::size_t groups = 0;
    std::vector<float> a;
    std::vector<float> a2;
    std::vector<float> a2_largest;  ///< [group][16]

    ScanCoefficients(const float* A, std::size_t channels, std::size_t states) {
        groups = (channels + kScanGroup - 1) / kScanGroup;
        a.assign(groups * states * kScanGroup, 0.0F);
        a2 = a;
        a2_largest.assign(groups * kScanGroup, 0.0F);
        for (std::size_t channel = 0; channel < channels; ++channel) {
            const std::size_t group = channel / kScanGroup;
            const std::size_t lane = channel % kScanGroup;
            float& largest = a2_largest[channel];
            for (std::size_t n = 0; n < states; ++n) {
                const std::size_t at = (group * states + n) * kScanGroup + lane;
                a[at] = A[channel * states + n];
                a2[at] = a[at] * 1.44269504088896341F;
                largest = std::fmax(largest, std::fabs(a2[at]));
            }
        }
    }
};

}  // namespace spectile::kernels
