#pragma once

#include "kernels/device/scan_source.cuh"

// What the four directions of SS2D share, once ScanBackward has gone through each of them: sums over the
// directions, over channels and over tokens, each value by one thread in a fixed order.

namespace spectile::kernels::device {

/// Four maps become one, added in the order of the forward pass: 0, 2, 1, 3. One thread per value.
///
/// Shapes   maps: [images, 4, length, channels]; out: [images, length, channels].
struct SumDirections {
    static constexpr int kThreads = 256;
    static constexpr int kBlocks = 1;
    using Shared = Nothing;

    const float* maps;
    std::int64_t images, plane;  ///< plane = length * channels
    float* out;

    std::int64_t blocks() const { return blocks_for(images * plane, kThreads); }

    template <class Block>
    SPECTILE_BODY void operator()(Block& block) const {
        block.each([&](int thread) {
            const std::int64_t at = block.index() * kThreads + thread;
            if (at >= images * plane) return;
            const float* first = maps + at / plane * 4 * plane + at % plane;
            out[at] = ((first[0] + first[2 * plane]) + first[plane]) + first[3 * plane];
        });
    }
};

/// The gradient of what SS2D projects for each token and direction: of the low-rank step the sum over the
/// channels, of B and C the sum of the parts that the groups of channels left. One thread per value.
///
/// Shapes   delta: the steps' gradients before their softplus, [images, 4, length, channels] at row-major
///          positions; b_parts, c_parts: as ScanGradients; out: like the projection.
struct ProjectedGradients {
    static constexpr int kThreads = 256;
    static constexpr int kBlocks = 1;
    using Shared = Nothing;

    FourDirections source;
    const float* delta;
    const float* b_parts;
    const float* c_parts;
    std::int64_t groups;
    float* out;

    SPECTILE_ANYWHERE std::int64_t values() const {
        return source.sizes.samples * source.sizes.length * (source.rank + 2 * kStates);
    }
    std::int64_t blocks() const { return blocks_for(values(), kThreads); }

    SPECTILE_BODY float of_step(std::int64_t sample, std::int64_t position, int column) const {
        const std::int64_t channels = source.sizes.channels;
        const float* gradient = delta + (sample * source.sizes.length + position) * channels;
        const float* weight = source.dt_weight + sample % 4 * channels * source.rank + column;
        float sum = 0.0F;
        for (std::int64_t c = 0; c < channels; ++c) sum = fused(gradient[c], weight[c * source.rank], sum);
        return sum;
    }
    SPECTILE_BODY float of_state(const float* parts, std::int64_t sample, std::int64_t position,
                                 int n) const {
        const std::int64_t row = kStates * source.sizes.length;
        const float* part =
            parts + sample * groups * row + n * source.sizes.length + source.step_at(sample, position);
        float sum = 0.0F;
        for (std::int64_t group = 0; group < groups; ++group) sum += part[group * row];
        return sum;
    }

    template <class Block>
    SPECTILE_BODY void operator()(Block& block) const {
        block.each([&](int thread) {
            const std::int64_t at = block.index() * kThreads + thread;
            if (at >= values()) return;
            const int width = source.rank + 2 * kStates;
            const int column = static_cast<int>(at % width);
            const std::int64_t token = at / width / 4;
            const std::int64_t position = token % source.sizes.length;
            const std::int64_t sample = token / source.sizes.length * 4 + at / width % 4;
            const int n = column - source.rank;
            out[at] = n < 0         ? of_step(sample, position, column)
                      : n < kStates ? of_state(b_parts, sample, position, n)
                                    : of_state(c_parts, sample, position, n - kStates);
        });
    }
};

/// The gradient of the weights that a step is projected with, in rows for the caller to add: each the sum
/// over kPiece tokens of one map and direction. One thread per value.
///
/// Shapes   delta: as ProjectedGradients; out: [images, 4, pieces, rank, channels].
struct StepWeightRows {
    static constexpr int kThreads = 256;
    static constexpr int kBlocks = 1;
    static constexpr std::int64_t kPiece = 128;
    using Shared = Nothing;

    FourDirections source;
    const float* delta;
    float* out;

    SPECTILE_ANYWHERE static std::int64_t pieces(std::int64_t length) { return blocks_for(length, kPiece); }
    SPECTILE_ANYWHERE std::int64_t values() const {
        return source.sizes.samples * pieces(source.sizes.length) * source.rank * source.sizes.channels;
    }
    std::int64_t blocks() const { return blocks_for(values(), kThreads); }

    template <class Block>
    SPECTILE_BODY void operator()(Block& block) const {
        block.each([&](int thread) {
            const std::int64_t at = block.index() * kThreads + thread;
            if (at >= values()) return;
            const ScanSizes& sizes = source.sizes;
            const std::int64_t channel = at % sizes.channels, row = at / sizes.channels;
            const std::int64_t piece = row / source.rank % pieces(sizes.length);
            const std::int64_t sample = row / source.rank / pieces(sizes.length);
            const std::int64_t width = source.rank + 2 * kStates;
            const std::int64_t first = sample / 4 * sizes.length;
            const float* low = source.projected + sample % 4 * width + row % source.rank;
            const float* gradient = delta + sample * sizes.length * sizes.channels + channel;
            const std::int64_t begin = piece * kPiece;
            const std::int64_t end = begin + kPiece < sizes.length ? begin + kPiece : sizes.length;
            float sum = 0.0F;
            for (std::int64_t position = begin; position < end; ++position)
                sum = fused(gradient[position * sizes.channels], low[(first + position) * 4 * width], sum);
            out[at] = sum;
        });
    }
};

}  // namespace spectile::kernels::device
