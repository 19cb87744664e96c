#pragma once

#include "models/networks/mim_istd/pass.hpp"

// What is done to words by the project's kernels where nothing is to be differentiated. Each splits its work
// over LibTorch's intra-op threads, without change to a byte.

namespace spectile::networks::mim {

/// Whether a pass over `x` is one of these: float32 on the CPU, neither training nor gradients nor `plain`.
bool infers_by_kernel(const Pass& pass, const at::Tensor& x);

/// Steps 1 and 2 of a block's inner half, and the normalisation of step 3.
struct MixedWords {
    at::Tensor words, normed;  ///< As the words that came in.
};
MixedWords mix_words_by_kernel(const Pass& pass, const at::Tensor& words);

/// words: [batch * sentences, words of a sentence, width]; what they add to the sentences comes out,
/// [batch * sentences, width of sentences].
at::Tensor project_words_by_kernel(const Pass& pass, const at::Tensor& words);

/// The words of 2 x 2 sentences as one, `side` being that of the grid of sentences.
at::Tensor merge_words_by_kernel(const Pass& pass, const at::Tensor& words, std::int64_t side);

}  // namespace spectile::networks::mim
