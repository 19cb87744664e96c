#pragma once

#include <memory>

#include "kernels/dense_head.hpp"
#include "kernels/transformer.hpp"
#include "models/networks/layers/pass.hpp"
#include "spectile/model.hpp"

namespace spectile::networks::gpt {

struct Drops;

/// A network's layers as the kernels want them; `head` is null where it has no dense one.
struct PackedNetwork {
    std::shared_ptr<const kernels::Transformer> blocks;
    std::shared_ptr<const kernels::DenseHead> head;
};

/// What inference on scenes has beside the weights: memory for one tile at a time, and threads.
struct Inference : PackedNetwork {
    explicit Inference(PackedNetwork network);

    std::shared_ptr<kernels::Transformer::Memory> memory;
    std::shared_ptr<kernels::DenseHead::Memory> head_memory;
    const ParallelFor* parallel = nullptr;  ///< Must outlive the pass; to be set before it.
};

/// How a pass of SpectralGPT is made.
struct How {
    bool blockwise = false;  ///< Attention block by block: float32 on the CPU, without gradients.
    at::ScalarType products = at::kFloat;  ///< What attention rounds its operands to (layers/mixed.hpp).
    const Inference* inference = nullptr;  ///< Must outlive the pass. Null: every layer from tensors.
    const Drops* drops = nullptr;          ///< Of training; must outlive the pass. Null: nothing is left out.
};

using Pass = PassOf<How>;

}  // namespace spectile::networks::gpt
