#pragma once

#include <cstdint>
#include <vector>

namespace spectile::kernels {

/// The selective scan of SS2D: a grid of tokens is walked row by row, column by column, and in the reverse of
/// each, and the four results are added at each token. 16 states.
///
/// Shapes   u: [batch, rows * cols, channels]; projected: [batch, rows * cols, 4, rank + 32], for each
///          direction the low-rank step, B and C; dt_weight: [4, channels, rank]; dt_bias, D: [4, channels];
///          A: [4, channels, 16].
/// Source   Liu et al., "VMamba", 2024; S6 by Gu and Dao, "Mamba", 2023, algorithm 2, B entering as delta*B.
///          delta = softplus(dt_weight low + dt_bias). The order of the sum is row by row, its reverse,
///          column by column, its reverse.
struct FourWayScan {
    static constexpr std::int64_t kStates = 16, kDirections = 4;
    std::int64_t batch = 0, rows = 0, cols = 0, channels = 0, rank = 0;
    const float* u = nullptr;
    const float* projected = nullptr;
    const float* dt_weight = nullptr;
    const float* dt_bias = nullptr;
    const float* A = nullptr;
    const float* D = nullptr;

    std::int64_t tokens() const { return rows * cols; }
    std::int64_t projected_width() const { return rank + 2 * kStates; }
};

/// Channels that one vector holds for this scan; tasks are cut at multiples of it.
inline constexpr std::int64_t kFourWayGroup = 8;

/// The weights of the scan with channels side by side, made once for a network or a call.
struct FourWayCoefficients {
    std::int64_t groups = 0;  ///< Of 8 channels; what is missing in the last has zeros.
    std::int64_t rank = 0;
    std::vector<float> a, a2;       ///< [4][group][16][8]; a2 = A log2(e)
    std::vector<float> a2_largest;  ///< [4][group][8]: largest |a2| over the states
    std::vector<float> dt_weight;   ///< [4][group][rank][8]
    std::vector<float> bias, skip;  ///< [4][group][8]

    explicit FourWayCoefficients(const FourWayScan& scan);
};

/// A piece of the work: groups [group_begin, group_end) of samples [batch_begin, batch_end).
struct FourWayTask {
    std::int64_t batch_begin = 0, batch_end = 0, group_begin = 0, group_end = 0;
};

/// y: [batch, rows * cols, channels]. Tasks may run side by side; the bytes do not depend on how the work is
/// cut.
void four_way_scan_forward(const FourWayScan& scan, const FourWayCoefficients& weights, float* y,
                           const FourWayTask& task);

/// Gradients of sum(y * grad_y), summed over the samples of one call. Shapes as the inputs.
struct FourWayGradients {
    float* d_u = nullptr;          ///< Written.
    float* d_projected = nullptr;  ///< Written.
    float* d_dt_weight = nullptr;  ///< These four: one array per call, written.
    float* d_dt_bias = nullptr;
    float* d_A = nullptr;
    float* d_D = nullptr;
};

/// States are stored every 16 tokens and recomputed, never run backwards.
void four_way_scan_backward(const FourWayScan& scan, const FourWayCoefficients& weights, const float* grad_y,
                            const FourWayGradients& gradients, std::int64_t batch_begin,
                            std::int64_t batch_end);

}  // namespace spectile::kernels
