// The layers of a transformer in bfloat16, against sums written down one by one.
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "kernels/bfloat16.hpp"
#include "kernels/token_layers.hpp"
#include "unit/kernels/each_target.hpp"
#include "unit/kernels/random_values.hpp"

namespace spectile::kernels {
namespace {

using Floats = std::vector<float>;

/// The nearest number of bfloat16, what is denormal being 0.
float rounded(float value) {
    const float near = std::bit_cast<float>(std::uint32_t{to_bfloat16(value)} << 16);
    return std::fpclassify(near) == FP_SUBNORMAL ? 0.0F : near;
}

float flushed(float sum) { return std::fpclassify(sum) == FP_SUBNORMAL ? 0.0F : sum; }

/// A layer and panels of tokens for it; features beside `in` are never 0, so that reading them shows.
struct PairCase {
    std::size_t panels, in, out;
    Floats weight, bias, x, y;
    bool adds = false;

    PairCase(const std::array<std::size_t, 3>& sizes, float scale = 1)
        : panels(sizes[0]), in(sizes[1]), out(sizes[2]) {
        std::mt19937 generator(3);
        weight = test::normal_values(generator, out * in, scale);
        bias = test::normal_values(generator, out, scale * scale);
        x = test::normal_values(generator, panels * features() * kTokenPanel, scale);
        y = test::normal_values(generator, panels * (out + 11) / 12 * 12 * kTokenPanel * 2, scale * scale);
    }
    /// Even, and one more than needed.
    std::size_t features() const { return in + 2 - in % 2; }
    float x_at(std::size_t panel, std::size_t feature, std::size_t token) const {
        return x[(panel * features() + feature) * kTokenPanel + token];
    }
    std::size_t y_stride() const { return (out + 11) / 12 * 12 * kTokenPanel; }
    float expected(std::size_t panel, std::size_t output, std::size_t token) const {
        const float before = y[panel * y_stride() + output * kTokenPanel + token];
        float sum = flushed(adds ? before + bias[output] : bias[output]);
        const auto term = [&](std::size_t k) {
            if (k < in)
                sum =
                    flushed(std::fma(rounded(weight[output * in + k]), rounded(x_at(panel, k, token)), sum));
        };
        for (std::size_t k = 0; k < in; k += 2) {
            term(k + 1);
            term(k);
        }
        return sum;
    }
    Floats run() const {
        TokenMatrix matrix(weight.data(), bias.data(), out, in);
        matrix.round();
        Floats tokens = x, sums = y;
        const TokenPanels panels_of_x{tokens.data(), panels, features() * kTokenPanel};
        pair_features(panels_of_x);
        apply_layer({.matrix = &matrix, .adds = adds}, panels_of_x, {sums.data(), panels, y_stride()});
        return sums;
    }
    void expect_sums(const Floats& sums) const {
        for (std::size_t panel = 0; panel < panels; ++panel)
            for (std::size_t output = 0; output < out; ++output)
                for (std::size_t token = 0; token < kTokenPanel; ++token)
                    ASSERT_EQ(sums[panel * y_stride() + output * kTokenPanel + token],
                              expected(panel, output, token))
                        << "panel " << panel << ", output " << output << ", token " << token;
    }
};

// Odd and even numbers of inputs, in one piece of 512 and in three; outputs that fill no block of 12, and
// more than 32 blocks.
const std::array<std::size_t, 3> kCases[] = {{1, 1, 1},    {1, 2, 12},    {3, 7, 13},  {2, 64, 25},
                                             {1, 513, 30}, {2, 1040, 24}, {1, 30, 400}};

TEST(TokenPairs, SumsAreThoseOfTheInstructionAtEveryTarget) {
    for (const auto& sizes : kCases)
        for (const bool adds : {false, true}) {
            PairCase the(sizes);
            the.adds = adds;
            SCOPED_TRACE("inputs " + std::to_string(the.in));
            test::for_each_target([&] { the.expect_sums(the.run()); });
        }
}

/// Sums of such numbers come and go below the smallest normal number.
TEST(TokenPairs, DenormalNumbersAreNothing) {
    // Without fused multiply-adds a product may vanish by itself.
    const PairCase sums({1, 40, 13}, 8e-20F), factors({1, 40, 13}, 1e-38F);
    std::size_t zeros = 0;
    for (std::size_t o = 0; o < sums.out; ++o) zeros += sums.expected(0, o, 0) == 0 ? 1 : 0;
    EXPECT_GT(zeros, 0U);
    EXPECT_LT(zeros, sums.out);
    test::for_each_target([&] {
        if (!target_name().starts_with("AVX")) return;
        sums.expect_sums(sums.run());
        factors.expect_sums(factors.run());
    });
}

TEST(TokenPairs, RoundingKeepsWhatIsNoNumber) {
    const float infinite = std::numeric_limits<float>::infinity();
    const float snan = std::bit_cast<float>(0x7F800001U), all = std::bit_cast<float>(0x7FFFFFFFU);
    const Floats special = {
        1.00390625F, 1.01171875F, -infinite, infinite,
        snan,        all,         -0.0F,     3.4e38F};  // Two ties, one down, one up; the last to infinity.
    const std::vector<std::uint32_t> expected = {0x3F80U, 0x3F82U, 0xFF80U, 0x7F80U,
                                                 0x7FC0U, 0x7FFFU, 0x8000U, 0x7F80U};
    test::for_each_target([&] {
        Floats panel(2 * kTokenPanel, 1.0F);
        std::copy(special.begin(), special.end(), panel.begin() + kTokenPanel);
        pair_features({panel.data(), 1, panel.size()});
        for (std::size_t i = 0; i < special.size(); ++i)
            EXPECT_EQ(std::bit_cast<std::uint32_t>(panel[i]), expected[i] << 16 | 0x3F80U) << i;
    });
}

TEST(TokenPairs, NeighbouringTokensSideBySide) {
    std::mt19937 generator(4);
    const Floats values = test::normal_values(generator, 2 * 5 * kTokenPanel);
    test::for_each_target([&] {
        Floats panels = values;
        pair_tokens({panels.data(), 2, 5 * kTokenPanel});
        for (std::size_t row = 0; row < 10; ++row)
            for (std::size_t pair = 0; pair < kTokenPanel / 2; ++pair) {
                const float* of = values.data() + row * kTokenPanel + 2 * pair;
                ASSERT_EQ(std::bit_cast<std::uint32_t>(panels[row * kTokenPanel + pair]),
                          std::uint32_t{to_bfloat16(of[1])} << 16 | to_bfloat16(of[0]))
                    << row << " " << pair;
            }
    });
}

}  // namespace
}  // namespace spectile::kernels
