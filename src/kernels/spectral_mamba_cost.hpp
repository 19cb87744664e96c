#pragma once

#include "kernels/spectral_mamba.hpp"

namespace spectile::kernels {

/// What one pixel must cost, whatever the implementation.
struct PixelCost {
    double flop = 0;          ///< Additions and multiplications; a multiply-add is two.
    double exponentials = 0;  ///< exp, sigmoid, SiLU and softplus are one each.
};

/// Counts of models/spectralmamba.md section 6.2, dense inference. With the rates of a machine (matrix
/// products in FLOP/s, exponentials per second) they give the limit in pixels per second: 1 / (flop / r1 +
/// exponentials / r2).
PixelCost cost_of_pixel(const SpectralMambaShape& shape);

}  // namespace spectile::kernels
