#pragma once

#include <cstddef>
#include <vector>

namespace spectile::kernels {

/// Outputs that lie side by side in the lanes: maps are [pixel][channel], so that a 1x1 convolution is a
/// product whose sums run down the lanes, and resizing, pooling and shifting move whole pixels.
constexpr std::size_t kChannelPanel = 64;

/// The matrix W [out, in] of a 1x1 convolution y = W x + bias, packed for channels in the lanes:
/// [panel of kChannelPanel outputs][input][kChannelPanel]. Missing outputs have zero weights.
struct PixelMatrix {
    std::size_t in = 0, out = 0;
    std::vector<float> weights, bias;

    PixelMatrix() = default;
    /// W [out, in]; `of_outputs` null: no bias.
    PixelMatrix(const float* weight, const float* of_outputs, std::size_t out_channels,
                std::size_t in_channels);

    std::size_t panels() const { return (out + kChannelPanel - 1) / kChannelPanel; }
    /// Channels that are written: `out` rounded up to whole panels.
    std::size_t width() const { return panels() * kChannelPanel; }
};

}  // namespace spectile::kernels
