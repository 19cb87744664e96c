#pragma once

#include "models/networks/layers/pass.hpp"

namespace spectile::networks::gpt {

/// How a pass of SpectralGPT is made.
struct How {
    bool blockwise = false;  ///< Attention block by block: float32 on the CPU, without gradients.
};

using Pass = PassOf<How>;

}  // namespace spectile::networks::gpt
