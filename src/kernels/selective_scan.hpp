#pragma once

#include <cstdint>

// The selective scan (S6) on plain pointers. Every kernel of this folder takes float32 in C order, keeps no
// state, allocates nothing that outlives the call, and gives the same bytes for the same input at one Highway
// target.

namespace spectile::kernels {

/// Sizes and inputs of one scan. `D`, `z` and `delta_bias` may be null.
///
/// Shapes   u, delta, z: [batch, channels, length]; A: [channels, states]; B, C: [batch, states, length];
///          D, delta_bias: [channels]. With `tokens_first` u, delta and z are [batch, length, channels] and B
///          and C [batch, length, states], and so are y and all their gradients; the inputs' tokens lie
///          `*_stride` floats apart, so that they may be parts of wider ones, the outputs' without gaps.
/// Source   models/spectralmamba.md 2.3 (S6: Gu and Dao, "Mamba", 2023, algorithm 2); B enters as delta*B
/// (Euler).
struct SelectiveScan {
    std::int64_t batch = 0, channels = 0, length = 0, states = 0;
    const float* u = nullptr;
    const float* delta = nullptr;
    const float* A = nullptr;
    const float* B = nullptr;
    const float* C = nullptr;
    const float* D = nullptr;
    const float* z = nullptr;
    const float* delta_bias = nullptr;
    bool delta_softplus = false;
    bool tokens_first = false;
    std::int64_t u_stride = 0, delta_stride = 0, z_stride = 0, B_stride = 0, C_stride = 0;
};

/// y: as u, without gaps; last_state: [batch, channels, states] or null.
/// [batch_begin, batch_end) lets a caller split the batch over threads; the bytes do not depend on the split.
void selective_scan_forward(const SelectiveScan& scan, float* y, float* last_state, std::int64_t batch_begin,
                            std::int64_t batch_end);

/// Gradients of sum(y * grad_y). Pointers may be null where a gradient is not wanted.
///
/// grad_y, d_u, d_delta, d_z: as u, d_B, d_C: as B, without gaps;
/// d_A: [batch, channels, states]; d_D, d_delta_bias: [batch, channels]: one row per sample, for the caller
/// to add in batch order, so that the sums do not depend on threads.
///
/// Source   models/spectralmamba.md 7.
/// States are stored every few steps and recomputed, never run backwards.
struct SelectiveScanGradients {
    float* d_u = nullptr;
    float* d_delta = nullptr;
    float* d_A = nullptr;
    float* d_B = nullptr;
    float* d_C = nullptr;
    float* d_D = nullptr;
    float* d_z = nullptr;
    float* d_delta_bias = nullptr;
};
void selective_scan_backward(const SelectiveScan& scan, const float* grad_y,
                             const SelectiveScanGradients& gradients, std::int64_t batch_begin,
                             std::int64_t batch_end);

}  // namespace spectile::kernels
