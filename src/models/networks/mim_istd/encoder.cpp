#include "models/networks/mim_istd/encoder.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/gelu.h>

#include <cmath>

#include "models/networks/layers/mixed.hpp"
#include "models/networks/mim_istd/block.hpp"
#include "models/networks/mim_istd/by_kernel.hpp"
#include "models/networks/mim_istd/layers.hpp"

namespace spectile::networks::mim {
namespace {

using entries::MimIstdConfig;

/// Convolution `index`, the batch normalisation after it, ReLU.
at::Tensor conv_norm_relu(const Pass& pass, int index, const at::Tensor& x, std::int64_t stride) {
    return conv_norm(pass.in(std::to_string(index)), pass.in(std::to_string(index + 1)), x,
                     {.activation = kernels::Activation::relu, .stride = stride, .added = {}});
}

/// [batch, width, rows, cols] cut into windows of `words` x `words`: [batch * windows, words^2, width].
at::Tensor words_in_windows(const at::Tensor& x, std::int64_t words) {
    const std::int64_t batch = x.size(0), width = x.size(1), side = x.size(2) / words;
    return x.view({batch, width, side, words, side, words})
        .permute({0, 2, 4, 3, 5, 1})
        .reshape({batch * side * side, words * words, width});
}

Tokens stem(const Pass& pass, const MimIstdConfig& config, const at::Tensor& x) {
    const std::int64_t first = std::min(config.word_px, 2);
    const auto common = conv_norm_relu(pass.in("common_conv"), 0, x, first);
    pass.show("stem.common", common);
    Tokens out;
    if (config.has_inner()) {
        const auto fine = conv_norm_relu(pass.in("inner_convs"), 0, common, config.word_px / first);
        out.words = words_in_windows(fine, config.words_side());
        pass.show("stem.words", out.words);
    }
    // Still to be halved; the last convolution as a rule keeps.
    std::int64_t left = config.sentence_px / first;
    auto coarse = common;
    for (const int index : {0, 3, 6}) {
        const std::int64_t stride = left > 1 ? 2 : 1;
        coarse = conv_norm_relu(pass.in("outer_convs"), index, coarse, stride);
        left /= stride;
    }
    out.sentences = coarse.flatten(2).transpose(1, 2);
    pass.show("stem.sentences", out.sentences);
    return out;
}

/// 2x2 sentences' words become one grid, halved by a convolution that ends at the merged sentence's border.
at::Tensor merge_words(const Pass& pass, const at::Tensor& words, std::int64_t side) {
    if (infers_by_kernel(pass, words)) return merge_words_by_kernel(pass, words, side);
    const auto normed = layer_norm(pass.in("norm"), words);
    const std::int64_t width = words.size(2), half = side / 2, batch = words.size(0) / (side * side);
    const auto n = static_cast<std::int64_t>(std::lround(std::sqrt(words.size(1))));
    const auto grids = normed.view({batch, half, 2, half, 2, n, n, width})
                           .permute({0, 1, 3, 7, 2, 5, 4, 6})
                           .reshape({batch * half * half, width, 2 * n, 2 * n});
    return conv(pass.in("conv.0"), grids, /*stride=*/2).flatten(2).transpose(1, 2).contiguous();
}

/// Members of a cell in the order (0,0), (1,0), (0,1), (1,1) of (row, col), as published.
at::Tensor merge_sentences(const Pass& pass, const at::Tensor& sentences, std::int64_t side) {
    const std::int64_t batch = sentences.size(0), width = sentences.size(2), half = side / 2;
    const auto cells = sentences.view({batch, half, 2, half, 2, width})
                           .permute({0, 1, 3, 4, 2, 5})
                           .reshape({batch, half * half, 4 * width});
    return mixed::linear(layer_norm(pass.in("norm"), cells), pass["reduction.weight"]);
}

/// GELU of the transposed convolution's batch normalisation.
at::Tensor doubled(const Pass& pass, const at::Tensor& image) {
    if (infers_by_kernel(pass, image)) return double_by_kernel(pass, image);
    const auto wide = mixed::conv_transpose2d(image, pass["transposed_conv.weight"],
                                              pass["transposed_conv.bias"], /*stride=*/2);
    return at::gelu(batch_norm(pass.in("batch_norm1"), wide));
}

at::Tensor up_sample(const Pass& pass, const at::Tensor& sentences, std::int64_t side) {
    const std::int64_t batch = sentences.size(0), width = sentences.size(2);
    const auto image = sentences.transpose(1, 2).reshape({batch, width, side, side});
    return conv_norm(pass.in("conv"), pass.in("batch_norm2"), doubled(pass, image),
                     {.activation = kernels::Activation::gelu, .stride = 1, .added = {}});
}

void run_stage(const Pass& pass, int depth, Tokens& tokens, std::int64_t side) {
    for (int i = 0; i < depth; ++i) {
        const Pass block = pass.in("blocks." + std::to_string(i));
        tokens = mim_block(block.shown_as("block" + std::to_string(i)), tokens, side);
    }
    if (tokens.words.defined()) pass.show("words", tokens.words);
    pass.show("sentences", tokens.sentences);
}

}  // namespace

Skips encode(const Pass& pass, const MimIstdConfig& config, const at::Tensor& x) {
    Tokens tokens = stem(pass.in("patch_embed"), config, x);
    std::int64_t side = x.size(2) / config.sentence_px;
    Skips skips;
    for (int i = 0; i < MimIstdConfig::kStages; ++i) {
        const std::string index = std::to_string(i);
        run_stage(pass.in("stages." + index).shown_as("stage" + index),
                  config.depths[static_cast<std::size_t>(i)], tokens, side);
        auto& skip = skips[static_cast<std::size_t>(i)];
        skip = up_sample(pass.in("up_blocks." + index), tokens.sentences, side);
        pass.show("up" + index, skip);
        if (i + 1 == MimIstdConfig::kStages) break;
        if (tokens.words.defined()) {
            tokens.words = merge_words(pass.in("word_merges." + index), tokens.words, side);
            pass.show("word_merge" + index, tokens.words);
        }
        tokens.sentences = merge_sentences(pass.in("sentence_merges." + index), tokens.sentences, side);
        pass.show("sentence_merge" + index, tokens.sentences);
        side /= 2;
    }
    return skips;
}

}  // namespace spectile::networks::mim
