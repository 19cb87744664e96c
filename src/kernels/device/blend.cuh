#pragma once

#include "kernels/device/block.cuh"

// The mosaic's blending on a device. One launch adds one tile, and launches of a stream follow each other, so
// that every pixel's sum has the grid's order. The same bytes as mosaic::Blender.

namespace spectile::kernels::device {

/// Where a tile lies in the mosaic, in its pixels: `keep` is what may be written, `padded` what was
/// predicted.
struct TileWindow {
    std::int64_t x, y, width, height;
};

/// Adds a prediction with its feather weights to sums and weights.
///
/// Shapes   values: float32 [channels, padded.height, padded.width]; valid: uint8 [padded.height,
///          padded.width]; sums: float32 [channels, height, width]; weights: float32 [height, width]. `keep`
///          lies in the mosaic and in `padded`. `halo`: pixels of overlap on either side of a core's edge; 0
///          means weight 1. One thread per pixel.
struct BlendTile {
    static constexpr int kThreads = 256;
    static constexpr int kBlocks = 1;
    using Shared = Nothing;

    const float* values;
    const std::uint8_t* valid;
    int channels;
    int halo;
    TileWindow keep;
    TileWindow padded;
    std::int64_t width;
    std::int64_t height;
    float* sums;
    float* weights;

    std::int64_t blocks() const { return blocks_for(keep.width * keep.height, kThreads); }

    /// mosaic::feather_weight along one axis.
    SPECTILE_BODY float feather(std::int64_t position, std::int64_t size) const {
        if (halo <= 0) return 1.0F;
        const std::int64_t edge = position < size - 1 - position ? position : size - 1 - position;
        return fminf(1.0F, (static_cast<float>(edge) + 0.5F) / (2.0F * static_cast<float>(halo)));
    }

    SPECTILE_BODY void add(std::int64_t x, std::int64_t y) const {
        const std::int64_t from = (y - padded.y) * padded.width + (x - padded.x);
        if (valid[from] == 0) return;
        const float weight = feather(y - padded.y, padded.height) * feather(x - padded.x, padded.width);
        const std::int64_t to = y * width + x;
        weights[to] += weight;
        for (int channel = 0; channel < channels; ++channel)
            sums[channel * width * height + to] +=
                weight * values[channel * padded.width * padded.height + from];
    }

    template <class Block>
    SPECTILE_BODY void operator()(Block& block) const {
        block.each([&](int thread) {
            const std::int64_t at = block.index() * kThreads + thread;
            if (at < keep.width * keep.height) add(keep.x + at % keep.width, keep.y + at / keep.width);
        });
    }
};

/// Divides the sums by their weights and marks the pixels that have none. In place; one thread per pixel.
///
/// Shapes   sums: float32 [channels, pixels]; weights: float32 [pixels]; valid: uint8 [pixels], written.
struct BlendFinish {
    static constexpr int kThreads = 256;
    static constexpr int kBlocks = 1;
    using Shared = Nothing;

    float* sums;
    const float* weights;
    std::uint8_t* valid;
    int channels;
    std::int64_t pixels;

    std::int64_t blocks() const { return blocks_for(pixels, kThreads); }

    template <class Block>
    SPECTILE_BODY void operator()(Block& block) const {
        block.each([&](int thread) {
            const std::int64_t pixel = block.index() * kThreads + thread;
            if (pixel >= pixels) return;
            const float weight = weights[pixel];
            valid[pixel] = weight > 0 ? 1 : 0;
            if (!(weight > 0)) return;
            for (int channel = 0; channel < channels; ++channel) sums[channel * pixels + pixel] /= weight;
        });
    }
};

}  // namespace spectile::kernels::device
