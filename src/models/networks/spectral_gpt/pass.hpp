#pragma once

#include "models/networks/layers/pass.hpp"

namespace spectile::networks::gpt {

struct Drops;

/// How a pass of SpectralGPT is made.
struct How {
    bool blockwise = false;        ///< Attention block by block: float32 on the CPU, without gradients.
    const Drops* drops = nullptr;  ///< Of training; must outlive the pass. Null: nothing is left out.
};

using Pass = PassOf<How>;

}  // namespace spectile::networks::gpt
