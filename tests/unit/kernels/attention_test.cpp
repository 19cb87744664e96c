#include "kernels/attention.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "each_target.hpp"
#include "random_values.hpp"

namespace spectile::kernels {
namespace {

constexpr std::int64_t kRows = 3;

/// The state of a softmax over `kRows` rows before its first block.
struct State {
    std::vector<float> largest = std::vector<float>(kRows, -std::numeric_limits<float>::infinity());
    std::vector<float> sum = std::vector<float>(kRows, 0.0F), factor = sum;
};

TEST(SoftmaxBlock, GivesTheSoftmaxOfAllBlocksTogether) {
    std::mt19937 generator(5);
    test::for_each_target([&] {
        for (const std::int64_t columns : {1, 7, 16, 64, 83}) {
            const std::int64_t stride = columns + 5;
            State state;
            std::vector<float> all, weights;  // Of row 1, brought up to the largest score so far.
            for (int block = 0; block < 3; ++block) {
                auto scores = test::normal_values(generator, kRows * stride, 30.0F);
                all.insert(all.end(), scores.begin() + stride, scores.begin() + stride + columns);
                softmax_block({scores.data(), kRows, columns, stride}, state.largest.data(), state.sum.data(),
                              state.factor.data());
                if (block == 0) {
                    EXPECT_EQ(state.factor[1], 0);
                }
                for (float& weight : weights) weight *= state.factor[1];
                weights.insert(weights.end(), scores.begin() + stride, scores.begin() + stride + columns);
            }
            const double largest = *std::max_element(all.begin(), all.end());
            double sum = 0;
            for (const double score : all) sum += std::exp(score - largest);
            EXPECT_FLOAT_EQ(state.largest[1], static_cast<float>(largest));
            for (std::size_t i = 0; i < all.size(); ++i)
                EXPECT_NEAR(weights[i] / state.sum[1], std::exp(all[i] - largest) / sum, 1e-6) << columns;
        }
    });
}

TEST(SoftmaxBlock, LeavesWhatIsBetweenTheRows) {
    test::for_each_target([&] {
        std::vector<float> scores(kRows * 9, 2.0F);
        State state;
        softmax_block({scores.data(), kRows, 6, 9}, state.largest.data(), state.sum.data(),
                      state.factor.data());
        for (std::int64_t row = 0; row < kRows; ++row) {
            EXPECT_EQ(scores[row * 9 + 5], 1.0F);
            EXPECT_EQ(scores[row * 9 + 6], 2.0F);
            EXPECT_EQ(state.sum[row], 6.0F);
        }
    });
}

TEST(ScaleRows, MultipliesEachRowByItsFactor) {
    test::for_each_target([&] {
        std::vector<float> values(kRows * 40, 1.0F);
        const std::vector<float> factor = {2, 3, 4};
        scale_rows({values.data(), kRows, 37, 40}, factor.data());
        for (std::int64_t i = 0; i < kRows * 40; ++i)
            EXPECT_EQ(values[i], i % 40 < 37 ? factor[i / 40] : 1.0F);
    });
}

}  // namespace
}  // namespace spectile::kernels
