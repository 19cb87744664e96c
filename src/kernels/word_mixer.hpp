#pragma once

#include <cstdint>

namespace spectile::kernels {

/// MiM-ISTD's inner SS2D over the words of sentences, with both normalisations around it, for inference:
/// sentences lie in the lanes, and of one group of them everything stays in cache.
///
/// Shapes   L = side * side words of a sentence, d = width, e = inner. norm1, norm2: [L*d] each; in_proj:
///          [2e, d]; conv: [e, 9], conv_bias: [e]; x_proj: [4, rank + 32, e]; dt_weight: [4, e, rank];
///          dt_bias, D: [4, e]; A: [4, e, 16], negative; norm: [e] each; out_proj: [d, e].
/// Layout   official: SS2D reads the [d, L] transpose as L positions of d values and does not put its result
///          back, as the published weights want it; else positions are words.
/// Source   Chen et al., arXiv 2403.02148, section III; Liu et al., "VMamba", 2024. Epsilon 1e-5.
struct WordMixer {
    std::int64_t side = 0, width = 0, inner = 0, rank = 0;
    bool official = false;
    const float *norm1_weight, *norm1_bias;
    const float *in_proj, *conv, *conv_bias, *x_proj, *dt_weight, *dt_bias, *A, *D;
    const float *norm_weight, *norm_bias, *out_proj;
    const float *norm2_weight, *norm2_bias;

    std::int64_t words() const { return side * side; }
};

/// [sentences, L*d] each; none may overlap another but `words` and `sums`.
struct WordMixing {
    const float* words = nullptr;
    float* mixed = nullptr;   ///< SS2D(norm1(words)); null: not wanted.
    float* sums = nullptr;    ///< words + mixed
    float* normed = nullptr;  ///< norm2(sums)
};

/// Sentences [begin, end). Calls may run side by side; the bytes do not depend on how the work is cut.
void mix_words(const WordMixer& mixer, const WordMixing& work, std::int64_t begin, std::int64_t end);

}  // namespace spectile::kernels
