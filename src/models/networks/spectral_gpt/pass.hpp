#pragma once

#include <memory>

#include "kernels/transformer.hpp"
#include "models/networks/layers/pass.hpp"
#include "spectile/model.hpp"

namespace spectile::networks::gpt {

struct Drops;

/// What inference on scenes has beside the weights: the encoder's blocks as the kernels want them, and
/// threads.
struct Inference {
    std::shared_ptr<const kernels::Transformer> blocks;
    std::shared_ptr<kernels::Transformer::Memory> memory;
    const ParallelFor* parallel = nullptr;
};

/// How a pass of SpectralGPT is made.
struct How {
    bool blockwise = false;  ///< Attention block by block: float32 on the CPU, without gradients.
    const Inference* inference = nullptr;  ///< Must outlive the pass. Null: every layer from tensors.
    const Drops* drops = nullptr;          ///< Of training; must outlive the pass. Null: nothing is left out.
};

using Pass = PassOf<How>;

}  // namespace spectile::networks::gpt
