#pragma once

#include "kernels/device/arithmetic.cuh"

// Where a selective scan finds the values of one token. The scan kernels take one of these as template
// parameter.

namespace spectile::kernels::device {

/// States a thread keeps in registers; fewer are padded with zeros, which change nothing.
inline constexpr int kStates = 16;

/// A tensor [sample, token, column] by strides counted in floats. `Float` is float or const float.
template <class Float>
struct Strided {
    Float* data = nullptr;
    std::int64_t sample = 0, token = 0, column = 0;

    SPECTILE_BODY Float& at(std::int64_t s, std::int64_t t, std::int64_t c) const {
        return data[s * sample + t * token + c * column];
    }
};
using Input = Strided<const float>;
using Output = Strided<float>;

/// Sizes of a scan. `samples` counts independent sequences: batch, or batch times directions.
struct ScanSizes {
    std::int64_t samples = 0, channels = 0, length = 0, states = 0;
};

/// The scan as kernels::SelectiveScan describes it, with any layout: columns of u, delta and z are channels,
/// those of B and C states.
///
/// Source   models/spectralmamba.md 2.3.
struct PlainScan {
    ScanSizes sizes;
    Input u, delta, z, B, C;  ///< z.data may be null.
    const float* A;           ///< [channels, states]
    const float* D;           ///< [channels] or null
    const float* delta_bias;  ///< [channels] or null
    bool delta_softplus;

    SPECTILE_BODY bool tokens_are_neighbours() const { return u.token == 1 && u.column != 1; }
    SPECTILE_BODY float input(std::int64_t s, std::int64_t t, std::int64_t c) const { return u.at(s, t, c); }
    SPECTILE_BODY float step(std::int64_t s, std::int64_t t, std::int64_t c) const {
        const float raw = delta.at(s, t, c) + (delta_bias != nullptr ? delta_bias[c] : 0.0F);
        return delta_softplus ? softplus(raw) : raw;
    }
    SPECTILE_BODY float b(std::int64_t s, std::int64_t t, std::int64_t n) const { return B.at(s, t, n); }
    SPECTILE_BODY float c(std::int64_t s, std::int64_t t, std::int64_t n) const { return C.at(s, t, n); }
    SPECTILE_BODY float rate(std::int64_t, std::int64_t channel, std::int64_t n) const {
        return A[channel * sizes.states + n];
    }
    SPECTILE_BODY float skip(std::int64_t, std::int64_t channel) const {
        return D != nullptr ? D[channel] : 0.0F;
    }
    SPECTILE_BODY bool gated() const { return z.data != nullptr; }
    SPECTILE_BODY float gate(std::int64_t s, std::int64_t t, std::int64_t c) const { return z.at(s, t, c); }
    /// Token of the output that step t of a sequence writes, and the sample of y that it becomes a part of.
    SPECTILE_BODY std::int64_t place(std::int64_t, std::int64_t t) const { return t; }
    SPECTILE_BODY std::int64_t image(std::int64_t s) const { return s; }
};

/// The four directions of SS2D over one map, by index: a sample is image * 4 + direction, and nothing is
/// copied. Directions: 0 row-major, 1 column-major, 2 and 3 their reverses. delta is projected at the visit
/// and never stored.
///
/// Shapes   x: [images, rows*cols, channels], after convolution and SiLU; projected: [images, rows*cols,
///          4*(rank+32)], per direction dt (rank), B (16), C (16); dt_weight: [4, channels, rank]; dt_bias,
///          D: [4*channels]; A: [4*channels, 16]. The output is indexed by sample and row-major position.
/// Source   models/mim-istd.md 3.4, steps 4 to 7.
struct FourDirections {
    static constexpr bool delta_softplus = true;
    ScanSizes sizes;  ///< samples = images * 4, length = rows * cols, states = 16
    std::int32_t rows, cols, rank;
    const float* x;
    const float* projected;
    const float* dt_weight;
    const float* dt_bias;
    const float* A;
    const float* D;

    SPECTILE_BODY bool tokens_are_neighbours() const { return false; }
    SPECTILE_BODY std::int64_t place(std::int64_t s, std::int64_t t) const {
        const int direction = static_cast<int>(s % 4);
        // 32 bits: a map has fewer than 2^31 positions, and a 64-bit division costs a device ten times as
        // much.
        const auto step = static_cast<std::int32_t>(direction >= 2 ? sizes.length - 1 - t : t);
        return direction % 2 == 0 ? step : step % rows * cols + step / rows;
    }
    /// The step that comes to a position.
    SPECTILE_BODY std::int64_t step_at(std::int64_t s, std::int64_t position) const {
        const auto at = static_cast<std::int32_t>(position);
        const std::int64_t step = s % 2 == 0 ? at : at % cols * rows + at / cols;
        return s % 4 >= 2 ? sizes.length - 1 - step : step;
    }
    SPECTILE_BODY std::int64_t image(std::int64_t s) const { return s / 4; }
    SPECTILE_BODY const float* visit(std::int64_t s, std::int64_t t) const {
        const int width = rank + 2 * kStates;
        return projected + ((s / 4 * sizes.length + place(s, t)) * 4 + s % 4) * width;
    }
    SPECTILE_BODY float input(std::int64_t s, std::int64_t t, std::int64_t c) const {
        return x[(s / 4 * sizes.length + place(s, t)) * sizes.channels + c];
    }
    SPECTILE_BODY float step(std::int64_t s, std::int64_t t, std::int64_t c) const {
        const std::int64_t row = s % 4 * sizes.channels + c;
        const float* dt = visit(s, t);
        float raw = 0.0F;
        for (int i = 0; i < rank; ++i) raw = fused(dt_weight[row * rank + i], dt[i], raw);
        return softplus(raw + dt_bias[row]);
    }
    SPECTILE_BODY float b(std::int64_t s, std::int64_t t, std::int64_t n) const {
        return visit(s, t)[rank + n];
    }
    SPECTILE_BODY float c(std::int64_t s, std::int64_t t, std::int64_t n) const {
        return visit(s, t)[rank + kStates + n];
    }
    SPECTILE_BODY float rate(std::int64_t s, std::int64_t channel, std::int64_t n) const {
        return A[(s % 4 * sizes.channels + channel) * kStates + n];
    }
    SPECTILE_BODY float skip(std::int64_t s, std::int64_t channel) const {
        return D[s % 4 * sizes.channels + channel];
    }
    SPECTILE_BODY bool gated() const { return false; }
    SPECTILE_BODY float gate(std::int64_t, std::int64_t, std::int64_t) const { return 0.0F; }
};

}  // namespace spectile::kernels::device
