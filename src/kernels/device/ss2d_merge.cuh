#pragma once

#include "kernels/device/arithmetic.cuh"
#include "kernels/device/block.cuh"

namespace spectile::kernels::device {

/// SS2D after its scans: the four directions added in the order 0, 2, 1, 3, LayerNorm over the channels,
/// times SiLU(z). 32 threads a token, four tokens a block; mean and variance are summed in a fixed order.
///
/// Shapes   scans: [images, 4, length, channels], as ScanForward<FourDirections> leaves them; z:
///          [images*length] rows of `z_pitch` floats, the first `channels` of which are read; weight, bias:
///          [channels]; out: [images, length, channels]. channels: 512 at most.
/// Source   models/mim-istd.md 3.4, steps 7 and 8; eps 1e-5.
struct Ss2dMerge {
    static constexpr int kLanes = 32;
    static constexpr int kTokens = 4;
    static constexpr int kThreads = kLanes * kTokens;
    static constexpr int kBlocks = 1;
    static constexpr int kValues = 16;  ///< Of a thread.
    static constexpr std::int64_t kMostChannels = kLanes * kValues;
    struct Shared {
        Fixed<float, kThreads> sum, square;
    };
    struct Values {
        float of[kValues];
    };

    const float* scans;
    const float* z;
    std::int64_t z_pitch;
    const float* weight;
    const float* bias;
    std::int64_t images, length, channels;
    float* out;

    std::int64_t blocks() const { return blocks_for(images * length, kTokens); }

    SPECTILE_BODY float merged(std::int64_t row, std::int64_t channel) const {
        const std::int64_t plane = length * channels;
        const float* first = scans + (row / length * 4 * length + row % length) * channels + channel;
        return ((first[0] + first[2 * plane]) + first[plane]) + first[3 * plane];
    }

    /// Adds up what the threads of this token left, in their order.
    SPECTILE_BODY static float total(const Fixed<float, kThreads>& parts, int thread) {
        float sum = 0.0F;
        for (int lane = 0; lane < kLanes; ++lane) sum += parts[thread / kLanes * kLanes + lane];
        return sum;
    }

    template <class Block>
    SPECTILE_BODY void operator()(Block& block) const {
        typename Block::template PerThread<Values> values(block);
        Shared& shared = block.shared;
        const auto row_of = [&](int thread) { return block.index() * kTokens + thread / kLanes; };
        const auto for_channels = [&](int thread, auto visit) {
            if (row_of(thread) >= images * length) return;
            SPECTILE_UNROLL
            for (int i = 0; i < kValues; ++i)
                if (i * kLanes + thread % kLanes < channels)
                    visit(i, static_cast<std::int64_t>(i * kLanes + thread % kLanes));
        };
        block.phase([&](int thread) {
            float sum = 0.0F;
            for_channels(thread, [&](int i, std::int64_t channel) {
                values[thread].of[i] = merged(row_of(thread), channel);
                sum += values[thread].of[i];
            });
            shared.sum[thread] = sum;
        });
        block.phase([&](int thread) {
            const float mean = total(shared.sum, thread) / static_cast<float>(channels);
            float square = 0.0F;
            for_channels(thread, [&](int i, std::int64_t) {
                values[thread].of[i] -= mean;
                square = fused(values[thread].of[i], values[thread].of[i], square);
            });
            shared.square[thread] = square;
        });
        block.each([&](int thread) {
            const float variance = total(shared.square, thread) / static_cast<float>(channels);
            const float scale = 1.0F / sqrtf(variance + 1e-5F);
            for_channels(thread, [&](int i, std::int64_t channel) {
                const std::int64_t row = row_of(thread);
                const float normed = fused(values[thread].of[i] * scale, weight[channel], bias[channel]);
                out[row * channels + channel] = normed * silu(z[row * z_pitch + channel]);
            });
        });
    }
};

}  // namespace spectile::kernels::device
