#pragma once

#include "kernels/device/arithmetic.cuh"
#include "kernels/device/block.cuh"

namespace spectile::kernels::device {

/// What happens to each band that the model takes: value * factor + offset, then (value - mean) / deviation.
/// Pointers to one float per chosen band.
struct BandChange {
    const std::int32_t* band;  ///< Which raw band, from 0.
    const float* factor;
    const float* offset;
    const float* mean;
    const float* deviation;
};

/// Raw bands as they were read to the model's input in one pass: chooses, scales, standardises, transposes,
/// casts. The arithmetic is that of the preparation steps `select`, `scale` and `standardise`, in this order.
///
/// Shapes   raw: Raw [raw bands, pixels]; valid: uint8 [pixels] or null; out: Out [pixels, bands].
/// Nodata   A pixel that is not valid becomes 0 in every band, that is the band's mean.
/// A block takes 32 pixels x 32 bands through shared memory, so that reads run along pixels and writes along
/// bands.
template <class Raw, class Out>
struct PrepareBands {
    static constexpr int kSide = 32;
    static constexpr int kRows = 8;
    static constexpr int kThreads = kSide * kRows;
    static constexpr int kBlocks = 1;
    struct Shared {
        Fixed<float, kSide*(kSide + 1)> tile;  // [band][pixel], one column more against bank conflicts
    };

    const Raw* raw;
    const std::uint8_t* valid;
    std::int64_t pixels;
    std::int64_t bands;
    BandChange change;
    Out* out;

    std::int64_t blocks() const { return blocks_for(pixels, kSide) * blocks_for(bands, kSide); }

    SPECTILE_BODY float prepared(std::int64_t band, std::int64_t pixel) const {
        if (valid != nullptr && valid[pixel] == 0) return 0.0F;
        const float read = static_cast<float>(raw[change.band[band] * pixels + pixel]);
        const float physical = read * change.factor[band] + change.offset[band];
        return (physical - change.mean[band]) / change.deviation[band];
    }

    template <class Block>
    SPECTILE_BODY void operator()(Block& block) const {
        const std::int64_t across = blocks_for(bands, kSide);
        const std::int64_t first_pixel = block.index() / across * kSide;
        const std::int64_t first_band = block.index() % across * kSide;
        block.phase([&](int thread) {
            const int column = thread % kSide;
            if (first_pixel + column >= pixels) return;
            for (int row = thread / kSide; row < kSide && first_band + row < bands; row += kRows)
                block.shared.tile[row * (kSide + 1) + column] =
                    prepared(first_band + row, first_pixel + column);
        });
        block.each([&](int thread) {
            const int column = thread % kSide;
            if (first_band + column >= bands) return;
            for (int row = thread / kSide; row < kSide && first_pixel + row < pixels; row += kRows)
                convert(block.shared.tile[column * (kSide + 1) + row],
                        out[(first_pixel + row) * bands + first_band + column]);
        });
    }
};

}  // namespace spectile::kernels::device
