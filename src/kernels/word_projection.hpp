#pragma once

#include <cstdint>

namespace spectile::kernels {

/// What words give to their sentence: norm2(W norm1(words of the sentence)).
///
/// Shapes   norm1: [words] each, all features of a sentence's words; weight: [width, words]; norm2: [width]
///          each.
struct WordProjection {
    std::int64_t words = 0, width = 0;
    const float *norm1_weight, *norm1_bias, *weight, *norm2_weight, *norm2_bias;
};

/// words: [sentences, words]; out: [sentences, width].
struct WordSentences {
    const float* words = nullptr;
    float* out = nullptr;
};

/// Sentences [begin, end). Calls may run side by side; the bytes do not depend on how the work is cut.
void project_words(const WordProjection& projection, const WordSentences& work, std::int64_t begin,
                   std::int64_t end);

}  // namespace spectile::kernels
