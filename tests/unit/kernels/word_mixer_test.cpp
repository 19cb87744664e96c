#include "kernels/word_mixer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "kernels/word_projection.hpp"
#include "unit/kernels/each_target.hpp"
#include "unit/kernels/random_values.hpp"

namespace spectile::kernels {
namespace {

using test::test_values;
using Doubles = std::vector<double>;

constexpr std::size_t kWordStates = 16;

struct MixerCase {
    std::size_t side, width;
    bool official;
    float step = 0;  ///< Added to the bias of the step; large ones leave the short exponential's range.
};

/// A mixer and what it points at.
struct MixerValues {
    std::size_t L, d, e, r;
    std::vector<float> norm1, norm1_bias, in_proj, conv, conv_bias, x_proj, dt_weight, dt_bias, A, D, norm,
        norm_bias, out_proj, norm2, norm2_bias;
    WordMixer mixer;

    explicit MixerValues(const MixerCase& c) : L(c.side * c.side), d(c.width), e(2 * d), r((d + 15) / 16) {
        norm1 = test_values(L * d, 1), norm1_bias = test_values(L * d, 0.2F);
        in_proj = test_values(2 * e * d, 0.3F), conv = test_values(e * 9, 0.3F);
        conv_bias = test_values(e, 0.2F), x_proj = test_values(4 * (r + 32) * e, 0.2F);
        dt_weight = test_values(4 * e * r, 0.5F), dt_bias = test_values(4 * e, 0.5F);
        for (auto& value : dt_bias) value += c.step;
        A = test_values(4 * e * kWordStates, 1), D = test_values(4 * e, 1);
        for (auto& value : A) value = -std::fabs(value);
        norm = test_values(e, 1), norm_bias = test_values(e, 0.2F), out_proj = test_values(d * e, 0.3F);
        norm2 = test_values(L * d, 1), norm2_bias = test_values(L * d, 0.2F);
        mixer = {.side = static_cast<std::int64_t>(c.side),
                 .width = static_cast<std::int64_t>(d),
                 .inner = static_cast<std::int64_t>(e),
                 .rank = static_cast<std::int64_t>(r),
                 .official = c.official,
                 .norm1_weight = norm1.data(),
                 .norm1_bias = norm1_bias.data(),
                 .in_proj = in_proj.data(),
                 .conv = conv.data(),
                 .conv_bias = conv_bias.data(),
                 .x_proj = x_proj.data(),
                 .dt_weight = dt_weight.data(),
                 .dt_bias = dt_bias.data(),
                 .A = A.data(),
                 .D = D.data(),
                 .norm_weight = norm.data(),
                 .norm_bias = norm_bias.data(),
                 .out_proj = out_proj.data(),
                 .norm2_weight = norm2.data(),
                 .norm2_bias = norm2_bias.data()};
    }
};

Doubles normalised_rows(const Doubles& x, const std::vector<float>& weight, const std::vector<float>& bias) {
    const auto n = static_cast<double>(weight.size());
    Doubles y(x.size());
    for (std::size_t first = 0; first < x.size(); first += weight.size()) {
        double mean = 0, square = 0;
        for (std::size_t i = 0; i < weight.size(); ++i) mean += x[first + i] / n;
        for (std::size_t i = 0; i < weight.size(); ++i) square += std::pow(x[first + i] - mean, 2) / n;
        for (std::size_t i = 0; i < weight.size(); ++i)
            y[first + i] = (x[first + i] - mean) / std::sqrt(square + 1e-5) * weight[i] + bias[i];
    }
    return y;
}

double silu_of(double x) { return x / (1 + std::exp(-x)); }

/// [rows of x][outputs]: W x for each row of `inputs` values.
Doubles rows_times(const Doubles& x, const float* weight, std::size_t inputs, std::size_t outputs) {
    Doubles y(x.size() / inputs * outputs);
    for (std::size_t row = 0; row < x.size() / inputs; ++row)
        for (std::size_t o = 0; o < outputs; ++o)
            for (std::size_t k = 0; k < inputs; ++k)
                y[row * outputs + o] += double{weight[o * inputs + k]} * x[row * inputs + k];
    return y;
}

Doubles convolved_words(const MixerValues& v, const Doubles& both) {
    const auto side = static_cast<std::int64_t>(v.mixer.side);
    Doubles u(v.L * v.e);
    for (std::int64_t row = 0; row < side; ++row)
        for (std::int64_t col = 0; col < side; ++col)
            for (std::size_t c = 0; c < v.e; ++c) {
                double sum = v.conv_bias[c];
                for (std::int64_t tap = 0; tap < 9; ++tap) {
                    const std::int64_t y = row + tap / 3 - 1, x = col + tap % 3 - 1;
                    if (y < 0 || x < 0 || y >= side || x >= side) continue;
                    sum += double{v.conv[c * 9 + static_cast<std::size_t>(tap)]} *
                           both[static_cast<std::size_t>(y * side + x) * 2 * v.e + c];
                }
                u[static_cast<std::size_t>(row * side + col) * v.e + c] = silu_of(sum);
            }
    return u;
}

/// Adds direction k of the scan to y.
void scan_words(const MixerValues& v, const Doubles& u, std::size_t k, Doubles& y) {
    const std::size_t columns = v.r + 32, side = static_cast<std::size_t>(v.mixer.side);
    const auto projected = rows_times(u, v.x_proj.data() + k * columns * v.e, v.e, columns);
    for (std::size_t c = 0; c < v.e; ++c) {
        const std::size_t row = k * v.e + c;
        double h[kWordStates] = {};
        for (std::size_t t = 0; t < v.L; ++t) {
            const std::size_t step = k >= 2 ? v.L - 1 - t : t;
            const std::size_t word = k % 2 == 0 ? step : step % side * side + step / side;
            const double* low = projected.data() + word * columns;
            double raw = v.dt_bias[row];
            for (std::size_t i = 0; i < v.r; ++i) raw += double{v.dt_weight[row * v.r + i]} * low[i];
            const double delta = std::log1p(std::exp(raw)), value = u[word * v.e + c];
            y[word * v.e + c] += v.D[row] * value;
            for (std::size_t n = 0; n < kWordStates; ++n) {
                h[n] = std::exp(delta * v.A[row * kWordStates + n]) * h[n] + delta * value * low[v.r + n];
                y[word * v.e + c] += h[n] * low[v.r + kWordStates + n];
            }
        }
    }
}

/// SS2D(norm1(words)) of one sentence.
Doubles expected_mix(const MixerValues& v, const Doubles& words) {
    const auto normed = normalised_rows(words, v.norm1, v.norm1_bias);
    auto seen = normed;
    if (v.mixer.official)
        for (std::size_t i = 0; i < seen.size(); ++i) seen[i] = normed[i % v.L * v.d + i / v.L];
    const auto both = rows_times(seen, v.in_proj.data(), v.d, 2 * v.e);
    const auto u = convolved_words(v, both);
    Doubles y(v.L * v.e);
    for (const std::size_t k : {0U, 2U, 1U, 3U}) scan_words(v, u, k, y);
    y = normalised_rows(y, v.norm, v.norm_bias);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] *= silu_of(both[(i / v.e * 2 + 1) * v.e + i % v.e]);
    return rows_times(y, v.out_proj.data(), v.e, v.d);
}

void expect_words(const float* ours, const Doubles& expected, double bound) {
    for (std::size_t i = 0; i < expected.size(); ++i)
        ASSERT_NEAR(ours[i], expected[i], bound * (1 + std::fabs(expected[i]))) << i;
}

const MixerCase kMixerCases[] = {{4, 4, true},  {4, 8, false}, {4, 32, true},        {2, 8, true},
                                 {8, 2, false}, {1, 4, true},  {4, 4, false, 200.0F}};

TEST(WordMixer, FollowsItsDefinition) {
    constexpr std::size_t kSentences = 19;
    for (const auto& c : kMixerCases) {
        const MixerValues v(c);
        const std::size_t count = v.L * v.d;
        const auto words = test_values(kSentences * count, 1);
        test::for_each_target([&] {
            std::vector<float> mixed(words.size()), sums(words.size()), normed(words.size());
            mix_words(v.mixer, {words.data(), mixed.data(), sums.data(), normed.data()}, 0, kSentences);
            for (std::size_t s = 0; s < kSentences; ++s) {
                const std::size_t at = s * count;
                const Doubles own(words.begin() + static_cast<std::ptrdiff_t>(at),
                                  words.begin() + static_cast<std::ptrdiff_t>(at + count));
                auto expected = expected_mix(v, own);
                expect_words(mixed.data() + at, expected, 2e-4);
                for (std::size_t i = 0; i < count; ++i) expected[i] += own[i];
                expect_words(sums.data() + at, expected, 2e-4);
                expect_words(normed.data() + at, normalised_rows(expected, v.norm2, v.norm2_bias), 4e-4);
            }
        });
    }
}

TEST(WordMixer, CutsChangeNoByte) {
    constexpr std::int64_t kSentences = 37;
    const MixerValues v({4, 4, true});
    const auto words = test_values(static_cast<std::size_t>(kSentences) * v.L * v.d, 1);
    test::for_each_target([&] {
        std::vector<float> sums(words.size()), normed(words.size());
        mix_words(v.mixer, {words.data(), nullptr, sums.data(), normed.data()}, 0, kSentences);
        auto cut_sums = words, cut_normed = words;  // Sums may take the words' place.
        const WordMixing cut{cut_sums.data(), nullptr, cut_sums.data(), cut_normed.data()};
        for (const auto& [begin, end] : {std::pair<std::int64_t, std::int64_t>{0, 5}, {5, 30}, {30, 37}})
            mix_words(v.mixer, cut, begin, end);
        EXPECT_EQ(sums, cut_sums);
        EXPECT_EQ(normed, cut_normed);
    });
}

TEST(WordProjection, FollowsItsDefinition) {
    constexpr std::size_t kSentences = 21, kWords = 64, kWidth = 31;
    const auto norm1 = test_values(kWords, 1), norm1_bias = test_values(kWords, 1),
               weight = test_values(kWords * kWidth, 0.3F), norm2 = test_values(kWidth, 1),
               norm2_bias = test_values(kWidth, 1), words = test_values(kSentences * kWords, 1);
    const WordProjection projection{kWords,        kWidth,       norm1.data(),     norm1_bias.data(),
                                    weight.data(), norm2.data(), norm2_bias.data()};
    const auto inside = normalised_rows(Doubles(words.begin(), words.end()), norm1, norm1_bias);
    const auto expected =
        normalised_rows(rows_times(inside, weight.data(), kWords, kWidth), norm2, norm2_bias);
    test::for_each_target([&] {
        std::vector<float> out(expected.size());
        project_words(projection, {words.data(), out.data()}, 0, 7);
        project_words(projection, {words.data(), out.data()}, 7, kSentences);
        expect_words(out.data(), expected, 1e-4);
    });
}

}  // namespace
}  // namespace spectile::kernels
