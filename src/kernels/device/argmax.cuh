#pragma once

#include "kernels/device/block.cuh"

namespace spectile::kernels::device {

/// Channel of the largest value of each pixel, the first of equals; 0 where none is above minus infinity (NaN
/// counts as smallest).
///
/// Shapes   values: float32 [channels, pixels]; index: int32 [pixels]. One thread per pixel.
struct ArgmaxChannels {
    static constexpr int kThreads = 256;
    static constexpr int kBlocks = 1;
    using Shared = Nothing;

    const float* values;
    std::int64_t channels;
    std::int64_t pixels;
    std::int32_t* index;

    std::int64_t blocks() const { return blocks_for(pixels, kThreads); }

    template <class Block>
    SPECTILE_BODY void operator()(Block& block) const {
        block.each([&](int thread) {
            const std::int64_t pixel = block.index() * kThreads + thread;
            if (pixel >= pixels) return;
            float best = -INFINITY;
            std::int32_t where = 0;
            for (std::int64_t channel = 0; channel < channels; ++channel) {
                const float value = values[channel * pixels + pixel];
                if (!(value > best)) continue;
                best = value;
                where = static_cast<std::int32_t>(channel);
            }
            index[pixel] = where;
        });
    }
};

}  // namespace spectile::kernels::device
