#include "kernels/transformer.hpp"

#include <hwy/aligned_allocator.h>

#include <algorithm>
#include <cmath>

#include "kernels/token_attention.hpp"
#include "kernels/token_layers.hpp"

namespace spectile::kernels {
namespace {

constexpr std::size_t kChunk =
    8;  ///< Panels of one task: what passes through a layer stays in the second cache.
constexpr float kLog2E = 1.44269504088896341F;

struct Packed {
    struct Norm {
        std::vector<float> weight, bias;
    };
    Norm norm1, norm2;
    TokenMatrix q, k, v, proj, fc1, fc2;

    bool bfloat16() const { return q.bfloat16(); }
};

TokenMatrix packed(const TransformerBlock::Layer& layer, std::int64_t out, std::int64_t in) {
    return {layer.weight, layer.bias, static_cast<std::size_t>(out), static_cast<std::size_t>(in)};
}

Packed::Norm packed_norm(const TransformerBlock::Layer& norm, std::int64_t width) {
    return {{norm.weight, norm.weight + width}, {norm.bias, norm.bias + width}};
}

Packed packed(const TransformerBlock& block, const TransformerShape& shape, bool bfloat16) {
    const std::int64_t w = shape.width, h = shape.hidden;
    Packed out{packed_norm(block.norm1, w), packed_norm(block.norm2, w), packed(block.q, w, w),
               packed(block.k, w, w),       packed(block.v, w, w),       packed(block.proj, w, w),
               packed(block.fc1, h, w),     packed(block.fc2, w, h)};
    // The softmax is one of powers of two.
    const auto head_width = w / shape.heads;
    out.q.scale(kLog2E / std::sqrt(static_cast<float>(head_width)));
    if (bfloat16)
        for (TokenMatrix* matrix : {&out.q, &out.k, &out.v, &out.proj, &out.fc1, &out.fc2}) matrix->round();
    return out;
}

/// Panels of tokens in memory that vectors are aligned in.
class Panels {
public:
    Panels(std::size_t count, std::size_t features)
        : stride_(features * kTokenPanel), memory_(hwy::AllocateAligned<float>(count * stride_)) {
        std::fill_n(memory_.get(), count * stride_, 0.0F);
    }
    TokenPanels at(std::size_t first, std::size_t count) const {
        return {memory_.get() + first * stride_, count, stride_};
    }
    float* data() const { return memory_.get(); }
    std::size_t stride() const { return stride_; }

private:
    std::size_t stride_;
    hwy::AlignedFreeUniquePtr<float[]> memory_;
};

}  // namespace

/// Tokens on their way through the blocks.
class Transformer::Memory {
public:
    Memory(const TransformerShape& shape, const Packed& any)
        : shape_(shape),
          panels_((static_cast<std::size_t>(shape.tokens) + kTokenPanel - 1) / kTokenPanel),
          x_(panels_, any.q.width()),
          normed_(panels_, any.q.width()),
          q_(panels_, any.q.width()),
          k_(panels_, any.q.width()),
          v_(panels_, any.q.width()),
          hidden_(panels_, any.fc1.width()) {}

    void read(const float* x) {
        for_each_value([&](float& ours, std::size_t index) { ours = x[index]; });
    }
    void write(float* x) const {
        for_each_value([&](float ours, std::size_t index) { x[index] = ours; });
    }
    void run(const Packed& block, const Transformer::ParallelFor& parallel) {
        const auto chunks = static_cast<std::int64_t>((panels_ + kChunk - 1) / kChunk);
        parallel(chunks, [&](std::int64_t chunk) { find_keys(block, chunk_of(chunk)); });
        parallel(chunks, [&](std::int64_t chunk) { attend_and_mix(block, chunk_of(chunk)); });
    }

private:
    struct Chunk {
        std::size_t first, count;
    };
    Chunk chunk_of(std::int64_t index) const {
        const std::size_t first = static_cast<std::size_t>(index) * kChunk;
        return {first, std::min(kChunk, panels_ - first)};
    }
    template <typename Body>
    void for_each_value(Body body) const {
        const auto width = static_cast<std::size_t>(shape_.width);
        for (std::size_t token = 0; token < static_cast<std::size_t>(shape_.tokens); ++token)
            for (std::size_t i = 0; i < width; ++i)
                body(x_.at(token / kTokenPanel, 1).first[i * kTokenPanel + token % kTokenPanel],
                     token * width + i);
    }
    TokenPanels normalised(const Packed& block, const Packed::Norm& norm, const Chunk& chunk) const {
        const auto width = static_cast<std::size_t>(shape_.width);
        const auto out = normed_.at(chunk.first, chunk.count);
        normalise_tokens({norm.weight.data(), norm.bias.data(), width, shape_.epsilon},
                         x_.at(chunk.first, chunk.count), out);
        if (block.bfloat16()) pair_features(out);
        return out;
    }
    void find_keys(const Packed& block, const Chunk& chunk) const {
        const auto normed = normalised(block, block.norm1, chunk), q = q_.at(chunk.first, chunk.count),
                   k = k_.at(chunk.first, chunk.count), v = v_.at(chunk.first, chunk.count);
        apply_layer({&block.q}, normed, q);
        apply_layer({&block.k}, normed, k);
        apply_layer({&block.v}, normed, v);
        if (!attends_in_bfloat16(block)) return;
        pair_features(q);
        pair_features(k);
        pair_tokens(v);
    }
    void attend_and_mix(const Packed& block, const Chunk& chunk) const {
        const auto heads = static_cast<std::size_t>(shape_.heads);
        const auto x = x_.at(chunk.first, chunk.count), attended = normed_.at(chunk.first, chunk.count),
                   hidden = hidden_.at(chunk.first, chunk.count);
        attend_tokens(
            {q_.data(), k_.data(), v_.data(), normed_.data(), x_.stride(),
             static_cast<std::size_t>(shape_.tokens), block.q.out / heads, heads, attends_in_bfloat16(block)},
            chunk.first, chunk.count);
        if (block.bfloat16()) pair_features(attended);
        apply_layer({.matrix = &block.proj, .adds = true}, attended, x);
        apply_layer({.matrix = &block.fc1, .gelu = true}, normalised(block, block.norm2, chunk), hidden);
        if (block.bfloat16()) pair_features(hidden);
        apply_layer({.matrix = &block.fc2, .adds = true}, hidden, x);
    }
    /// No pair of features may belong to two heads.
    bool attends_in_bfloat16(const Packed& block) const {
        return block.bfloat16() && shape_.width / shape_.heads % 2 == 0;
    }

    TransformerShape shape_;
    std::size_t panels_;
    Panels x_, normed_, q_, k_, v_, hidden_;
};

struct Transformer::Impl {
    TransformerShape shape;
    std::vector<Packed> blocks;
};

Transformer::Transformer(const TransformerShape& shape, const std::vector<TransformerBlock>& blocks,
                         bool bfloat16)
    : impl_(std::make_unique<Impl>(Impl{shape, {}})) {
    for (const auto& block : blocks) impl_->blocks.push_back(packed(block, shape, bfloat16));
}

Transformer::~Transformer() = default;

const TransformerShape& Transformer::shape() const { return impl_->shape; }

std::shared_ptr<Transformer::Memory> Transformer::memory() const {
    return std::make_shared<Memory>(impl_->shape, impl_->blocks.front());
}

void Transformer::run(Memory& memory, float* x, const ParallelFor& parallel) const {
    memory.read(x);
    for (const auto& block : impl_->blocks) memory.run(block, parallel);
    memory.write(x);
}

}  // namespace spectile::kernels
