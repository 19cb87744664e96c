#include "kernels/pixel_matrix.hpp"

#include <algorithm>

namespace spectile::kernels {

PixelMatrix::PixelMatrix(const float* weight, const float* of_outputs, std::size_t out_channels,
                         std::size_t in_channels)
    : in(in_channels), out(out_channels), weights(width() * in), bias(width()) {
    if (of_outputs) std::copy_n(of_outputs, out, bias.begin());
    for (std::size_t o = 0; o < out; ++o) {
        float* to = weights.data() + o / kChannelPanel * in * kChannelPanel + o % kChannelPanel;
        for (std::size_t k = 0; k < in; ++k) to[k * kChannelPanel] = weight[o * in + k];
    }
}

}  // namespace spectile::kernels
