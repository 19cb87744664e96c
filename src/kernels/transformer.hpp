#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace spectile::kernels {

struct TransformerShape {
    std::int64_t tokens = 0, width = 0, hidden = 0, heads = 1;
    float epsilon = 1e-6F;  ///< Of the layer normalisations.
};

/// One pre-norm block: x += proj(attention(norm1(x))), x += fc2(gelu(fc1(norm2(x)))). Matrices are [out, in].
struct TransformerBlock {
    struct Layer {
        const float *weight = nullptr, *bias = nullptr;
    };
    Layer norm1, q, k, v, proj, norm2, fc1, fc2;
};

/// The blocks of a transformer on float32 in somebody's memory, for inference.
///
/// Tokens lie in the lanes throughout, weights are packed once, and no score is kept: attention goes block of
/// queries by block of keys with a running largest score and sum. In bfloat16 the products of layers and of
/// attention (where a head's width is even) are of rounded numbers; sums, softmax, normalisation and what the
/// blocks add to stay in float32.
///
/// Threads  const and shared. The work is cut in the same way whatever `parallel` does, and no sum crosses a
///          cut: neither threads nor the batch change a bit.
/// Source   Vaswani et al., 2017, section 3.2; Dosovitskiy et al., 2021, equations 2 and 3; Milakov and
///          Gimelshein, "Online normalizer calculation for softmax", 2018; Dao et al., "FlashAttention",
///          2022, algorithm 1.
class Transformer {
public:
    /// Runs body(i) for every i in [0, count), in any order.
    using ParallelFor = std::function<void(std::int64_t, const std::function<void(std::int64_t)>&)>;

    /// Copies what `blocks` point at.
    Transformer(const TransformerShape& shape, const std::vector<TransformerBlock>& blocks,
                bool bfloat16 = false);
    ~Transformer();

    const TransformerShape& shape() const;

    /// What one call at a time needs beside the tokens: 5 + hidden / width times their size.
    class Memory;
    std::shared_ptr<Memory> memory() const;
    /// x: [tokens, width], replaced by what the last block gives. Needs at least one block.
    void run(Memory& memory, float* x, const ParallelFor& parallel) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace spectile::kernels
