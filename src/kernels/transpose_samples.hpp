#pragma once

#include <cstddef>

namespace spectile::kernels {

/// Samples that lie pixel by pixel, band by band.
struct PixelBlock {
    const void* first = nullptr;  ///< [pixels][samples]; need not be aligned.
    std::size_t pixels = 0, samples = 0;
    std::size_t sample_bytes = 0;  ///< 1, 2, 4 or 8
};

/// to[sample * to_stride + pixel] = first[pixel * samples + sample]; `to_stride` in samples, at least
/// `pixels`. The bytes are moved as they are.
void transpose_samples(const PixelBlock& from, void* to, std::size_t to_stride);

}  // namespace spectile::kernels
