#include "models/networks/mim_istd/block.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/gelu.h>

#include <cmath>

#include "models/networks/layers/mixed.hpp"
#include "models/networks/mim_istd/by_kernel.hpp"
#include "models/networks/mim_istd/layers.hpp"

namespace spectile::networks::mim {
namespace {

struct WordSizes {
    std::int64_t batch, side, words, width;  ///< Grid of sentences; words along a side of one; features.
};

WordSizes sizes_of(const Tokens& in, std::int64_t side) {
    return {.batch = in.sentences.size(0),
            .side = side,
            .words = static_cast<std::int64_t>(std::lround(std::sqrt(in.words.size(1)))),
            .width = in.words.size(2)};
}

/// LayerNorm over all words of a sentence together.
at::Tensor norm_of_sentence(const Pass& pass, const at::Tensor& words) {
    return layer_norm(pass, words.flatten(1)).view(words.sizes());
}

/// Words as one image [batch, width, side * words, side * words], and back.
at::Tensor image_of_words(const Pass& pass, const at::Tensor& words, const WordSizes& s) {
    const std::int64_t pixels = s.side * s.words;
    if (pass.official) return words.contiguous().view({s.batch, s.width, pixels, pixels});
    return words.view({s.batch, s.side, s.side, s.words, s.words, s.width})
        .permute({0, 5, 1, 3, 2, 4})
        .reshape({s.batch, s.width, pixels, pixels});
}
at::Tensor words_of_image(const Pass& pass, const at::Tensor& image, const WordSizes& s) {
    const std::int64_t sentences = s.batch * s.side * s.side, words = s.words * s.words;
    if (pass.official) return image.contiguous().view({sentences, words, s.width});
    return image.view({s.batch, s.width, s.side, s.words, s.side, s.words})
        .permute({0, 2, 4, 3, 5, 1})
        .reshape({sentences, words, s.width});
}

at::Tensor mix_words(const Pass& pass, const at::Tensor& words, const WordSizes& s) {
    if (pass.has("inner_attn.Ds")) {
        const auto mixed = ss2d(pass.in("inner_attn").unseen(), words, {s.words, s.words});
        pass.show("inner_attn", mixed);
        return mixed;
    }
    const auto grids = words.transpose(1, 2).reshape({words.size(0), s.width, s.words, s.words});
    return at::gelu(conv(pass.in("inner_conv"), grids)).flatten(2).transpose(1, 2);
}

Tokens inner_half(const Pass& pass, const Tokens& in, std::int64_t side) {
    const WordSizes s = sizes_of(in, side);
    auto words = in.words + mix_words(pass, norm_of_sentence(pass.in("inner_norm1"), in.words), s);
    const auto image = conv_mlp(pass.in("inner_mlp"),
                                image_of_words(pass, norm_of_sentence(pass.in("inner_norm2"), words), s));
    pass.show("inner_mlp", image);
    words = words + words_of_image(pass, image, s);
    const auto joined = layer_norm(pass.in("proj_norm1"), words.reshape({s.batch, side * side, -1}));
    const auto projected = layer_norm(pass.in("proj_norm2"), mixed::linear(joined, pass["proj.weight"]));
    pass.show("proj_norm2", projected);
    return {words, in.sentences + projected};
}

/// The same where nothing is to be differentiated: sentences in the lanes.
Tokens inner_half_by_kernel(const Pass& pass, const Tokens& in, std::int64_t side) {
    const WordSizes s = sizes_of(in, side);
    auto [words, normed] = mix_words_by_kernel(pass, in.words);
    const auto image = image_of_words(pass, normed, s);
    if (pass.official && !pass.observed()) {
        // The view back is that of the words themselves.
        add_conv_mlp_by_kernel(pass.in("inner_mlp"), image, words);
    } else {
        const auto mixed = conv_mlp(pass.in("inner_mlp"), image);
        pass.show("inner_mlp", mixed);
        words.add_(words_of_image(pass, mixed, s));
    }
    const auto projected = project_words_by_kernel(pass, words).view(in.sentences.sizes());
    pass.show("proj_norm2", projected);
    return {words, in.sentences + projected};
}

at::Tensor mlp_of_sentences(const Pass& pass, const at::Tensor& sentences, std::int64_t side) {
    const std::int64_t batch = sentences.size(0), width = sentences.size(2);
    const auto normed = layer_norm(pass.in("outer_norm2"), sentences);
    const auto ordered = pass.official ? normed : normed.transpose(1, 2);
    const auto image = conv_mlp(pass.in("outer_mlp"), ordered.reshape({batch, width, side, side}));
    pass.show("outer_mlp", image);
    return pass.official ? image.reshape(sentences.sizes()) : image.flatten(2).transpose(1, 2);
}

}  // namespace

Tokens mim_block(const Pass& pass, const Tokens& in, std::int64_t side) {
    Tokens out = in;
    if (pass.has("inner_attn.Ds") && infers_by_kernel(pass, in.words))
        out = inner_half_by_kernel(pass, in, side);
    else if (pass.has("proj.weight"))
        out = inner_half(pass, in, side);
    const auto mixed =
        ss2d(pass.in("outer_attn").unseen(), layer_norm(pass.in("outer_norm1"), out.sentences), {side, side});
    pass.show("outer_attn", mixed);
    out.sentences = out.sentences + mixed;
    out.sentences = out.sentences + mlp_of_sentences(pass, out.sentences, side);
    return out;
}

}  // namespace spectile::networks::mim
