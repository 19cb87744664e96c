#include "kernels/word_merger.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "unit/kernels/each_target.hpp"
#include "unit/kernels/random_values.hpp"

namespace spectile::kernels {
namespace {

using test::test_values;

/// [batch, width, grid * side, grid * side], each word normalised: the words as one image.
std::vector<double> image_of(const WordMerger& m, const WordMerging& work, std::int64_t batch) {
    const std::int64_t words = m.side * m.side, sentences = work.grid * work.grid,
                       pixels = work.grid * m.side;
    std::vector<double> image(static_cast<std::size_t>(batch * sentences * words * m.width));
    for (std::int64_t i = 0; i < batch * sentences * words; ++i) {
        const float* word = work.words + i * m.width;
        double mean = 0, square = 0;
        for (std::int64_t c = 0; c < m.width; ++c) mean += word[c] / static_cast<double>(m.width);
        for (std::int64_t c = 0; c < m.width; ++c)
            square += std::pow(word[c] - mean, 2) / static_cast<double>(m.width);
        const std::int64_t sentence = i / words % sentences, at = i % words,
                           row = sentence / work.grid * m.side + at / m.side,
                           col = sentence % work.grid * m.side + at % m.side;
        for (std::int64_t c = 0; c < m.width; ++c)
            image[static_cast<std::size_t>(((i / words / sentences * m.width + c) * pixels + row) * pixels +
                                           col)] =
                (word[c] - mean) / std::sqrt(square + 1e-5) * m.norm_weight[c] + m.norm_bias[c];
    }
    return image;
}

/// Output o of a word of a merged sentence; neighbours of other merged sentences count as zeros.
double merged_word(const WordMerger& m, const double* image, std::int64_t pixels,
                   const std::int64_t (&at)[3]) {
    const auto [row, col, o] = at;
    double sum = m.bias[o];
    for (std::int64_t c = 0; c < m.width; ++c)
        for (std::int64_t tap = 0; tap < 9; ++tap) {
            const std::int64_t y = 2 * row + tap / 3 - 1, x = 2 * col + tap % 3 - 1, cell = 2 * m.side;
            if (y < row / m.side * cell || y >= (row / m.side + 1) * cell) continue;
            if (x < col / m.side * cell || x >= (col / m.side + 1) * cell) continue;
            sum += m.weight[(o * m.width + c) * 9 + tap] * image[(c * pixels + y) * pixels + x];
        }
    return sum;
}

TEST(WordMerger, FollowsItsDefinitionHoweverTheWorkIsCut) {
    for (const auto& [side, width, grid] :
         {std::tuple<std::int64_t, std::int64_t, std::int64_t>{4, 4, 6}, {2, 3, 10}, {1, 8, 2}, {8, 2, 2}}) {
        constexpr std::int64_t kBatch = 2;
        const std::int64_t outputs = 2 * width, words = side * side, half = grid / 2, pixels = grid * side;
        const auto weight = test_values(static_cast<std::size_t>(outputs * width * 9), 0.3F),
                   bias = test_values(static_cast<std::size_t>(outputs), 1),
                   norm = test_values(static_cast<std::size_t>(width), 1),
                   norm_bias = test_values(static_cast<std::size_t>(width), 1),
                   x = test_values(static_cast<std::size_t>(kBatch * grid * grid * words * width), 1);
        const WordMerger merger{side,          width,      outputs, norm.data(), norm_bias.data(),
                                weight.data(), bias.data()};
        WordMerging work{grid, x.data(), nullptr};
        const auto image = image_of(merger, work, kBatch);
        test::for_each_target([&] {
            std::vector<float> out(static_cast<std::size_t>(kBatch * half * half * words * outputs));
            work.out = out.data();
            merge_words(merger, work, 0, half * half / 2 + 1);
            merge_words(merger, work, half * half / 2 + 1, kBatch * half * half);
            for (std::size_t i = 0; i < out.size(); ++i) {
                const auto place = static_cast<std::int64_t>(i) / outputs, word = place % words,
                           cell = place / words % (half * half), sample = place / words / (half * half);
                const double expected =
                    merged_word(merger, image.data() + sample * width * pixels * pixels, pixels,
                                {cell / half * side + word / side, cell % half * side + word % side,
                                 static_cast<std::int64_t>(i) % outputs});
                ASSERT_NEAR(out[i], expected, 1e-4 * (1 + std::fabs(expected))) << i;
            }
        });
    }
}

}  // namespace
}  // namespace spectile::kernels
