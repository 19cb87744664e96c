#include "kernels/device/inner_ss2d.cuh"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "support/golden_file.hpp"
#include "unit/device_kernels/any_order.hpp"
#include "unit/kernels/random_values.hpp"

namespace spectile::kernels::device {
namespace {

using kernels::test::normal_values;
using spectile::test::golden_error;

// golden/mim_istd/README.md, float32 arithmetic.
constexpr double kTolerance = 1e-5;

/// Weights as the network has them: rows are outputs.
struct Weights {
    int width, inner, rank;
    std::vector<float> norm1_weight, norm1_bias, in_proj, conv, conv_bias, x_proj, dt_weight, dt_bias, A, D,
        norm_weight, norm_bias, out_proj;
    std::vector<float> in_proj_t, x_proj_t, out_proj_t;

    explicit Weights(int w) : width(w), inner(2 * w), rank((w + 15) / 16) {}

    static std::vector<float> transposed(const std::vector<float>& matrix, std::size_t rows) {
        std::vector<float> out(matrix.size());
        const std::size_t columns = matrix.size() / rows;
        for (std::size_t i = 0; i < matrix.size(); ++i) out[i % columns * rows + i / columns] = matrix[i];
        return out;
    }
    InnerSs2dWeights packed() {
        in_proj_t = transposed(in_proj, static_cast<std::size_t>(2 * inner));
        x_proj_t = transposed(x_proj, static_cast<std::size_t>(4 * (rank + 32)));
        out_proj_t = transposed(out_proj, static_cast<std::size_t>(width));
        return {norm1_weight.data(), norm1_bias.data(), in_proj_t.data(), conv.data(), conv_bias.data(),
                x_proj_t.data(),     dt_weight.data(),  dt_bias.data(),   A.data(),    D.data(),
                norm_weight.data(),  norm_bias.data(),  out_proj_t.data()};
    }
};

Weights random_weights(int width, std::mt19937& g) {
    Weights w(width);
    const auto draw = [&g](int count, float scale) {
        return normal_values(g, static_cast<std::size_t>(count), scale);
    };
    const int e = w.inner, rows = 4 * (w.rank + 32);
    w.norm1_weight = draw(16 * width, 1), w.norm1_bias = draw(16 * width, 0.3F);
    w.in_proj = draw(2 * e * width, 0.4F), w.conv = draw(9 * e, 0.4F), w.conv_bias = draw(e, 0.2F);
    w.x_proj = draw(rows * e, 0.3F), w.dt_weight = draw(4 * e * w.rank, 0.5F), w.dt_bias = draw(4 * e, 0.5F);
    w.A = draw(4 * e * 16, 1), w.D = draw(4 * e, 1), w.norm_weight = draw(e, 1), w.norm_bias = draw(e, 0.3F);
    w.out_proj = draw(width * e, 0.3F);
    for (float& a : w.A) a = -std::abs(a) - 0.1F;
    return w;
}

std::vector<double> layer_norm(std::vector<double> v, const std::vector<float>& weight,
                               const std::vector<float>& bias) {
    double mean = 0, variance = 0;
    for (const double x : v) mean += x / static_cast<double>(v.size());
    for (const double x : v) variance += (x - mean) * (x - mean) / static_cast<double>(v.size());
    for (std::size_t i = 0; i < v.size(); ++i)
        v[i] = (v[i] - mean) / std::sqrt(variance + 1e-5) * weight[i] + bias[i];
    return v;
}

double silu_of(double x) { return x / (1 + std::exp(-x)); }

/// models/mim-istd.md 3.4 for one sentence, in double, step by step.
struct Reference {
    const Weights& w;
    int d = w.width, e = w.inner, columns = w.rank + 32;

    static double at(const std::vector<float>& v, int i) { return v[static_cast<std::size_t>(i)]; }

    std::vector<double> projected_in(const std::vector<double>& words, bool official) const {
        std::vector<double> xz(static_cast<std::size_t>(16 * 2 * e));
        for (int p = 0; p < 16; ++p)
            for (int row = 0; row < 2 * e; ++row)
                for (int j = 0; j < d; ++j) {
                    const int flat = p * d + j;  // of the (d, 16) transpose
                    const int word = official ? flat % 16 : p, channel = official ? flat / 16 : j;
                    xz[static_cast<std::size_t>(p * 2 * e + row)] +=
                        at(w.in_proj, row * d + j) * words[static_cast<std::size_t>(word * d + channel)];
                }
        return xz;
    }
    std::vector<double> convolved(const std::vector<double>& xz) const {
        std::vector<double> x(static_cast<std::size_t>(16 * e));
        for (int p = 0; p < 16; ++p)
            for (int c = 0; c < e; ++c) {
                double sum = at(w.conv_bias, c);
                for (int row = 0; row < 4; ++row)
                    for (int col = 0; col < 4; ++col) {
                        const int dy = row - p / 4 + 1, dx = col - p % 4 + 1;
                        if (dy >= 0 && dy < 3 && dx >= 0 && dx < 3)
                            sum += at(w.conv, c * 9 + dy * 3 + dx) *
                                   xz[static_cast<std::size_t>((row * 4 + col) * 2 * e + c)];
                    }
                x[static_cast<std::size_t>(p * e + c)] = silu_of(sum);
            }
        return x;
    }
    void scan(const std::vector<double>& x, int k, std::vector<double>& sum) const {
        std::vector<double> h(static_cast<std::size_t>(e * 16));
        for (int t = 0; t < 16; ++t) {
            const int step = k >= 2 ? 15 - t : t;
            const int p = k % 2 == 0 ? step : step % 4 * 4 + step / 4;
            std::vector<double> row(static_cast<std::size_t>(columns));
            for (int i = 0; i < columns; ++i)
                for (int c = 0; c < e; ++c)
                    row[static_cast<std::size_t>(i)] +=
                        at(w.x_proj, (k * columns + i) * e + c) * x[static_cast<std::size_t>(p * e + c)];
            for (int c = 0; c < e; ++c) {
                double raw = at(w.dt_bias, k * e + c);
                for (int i = 0; i < w.rank; ++i)
                    raw += at(w.dt_weight, (k * e + c) * w.rank + i) * row[static_cast<std::size_t>(i)];
                const double delta = raw > 20 ? raw : std::log1p(std::exp(raw)),
                             u = x[static_cast<std::size_t>(p * e + c)];
                double y = at(w.D, k * e + c) * u;
                for (int n = 0; n < 16; ++n) {
                    double& state = h[static_cast<std::size_t>(c * 16 + n)];
                    state = std::exp(delta * at(w.A, (k * e + c) * 16 + n)) * state +
                            delta * u * row[static_cast<std::size_t>(w.rank + n)];
                    y += state * row[static_cast<std::size_t>(w.rank + 16 + n)];
                }
                sum[static_cast<std::size_t>(p * e + c)] += y;
            }
        }
    }
    std::vector<double> operator()(const std::vector<double>& words, bool official) const {
        const auto xz = projected_in(layer_norm(words, w.norm1_weight, w.norm1_bias), official);
        const auto x = convolved(xz);
        std::vector<double> sum(x.size()), out = words;
        for (const int k : {0, 2, 1, 3}) scan(x, k, sum);
        for (int p = 0; p < 16; ++p) {
            const auto first = sum.begin() + p * e;
            const auto normed = layer_norm(std::vector<double>(first, first + e), w.norm_weight, w.norm_bias);
            for (int j = 0; j < d; ++j)
                for (int c = 0; c < e; ++c)
                    out[static_cast<std::size_t>(p * d + j)] +=
                        at(w.out_proj, j * e + c) * normed[static_cast<std::size_t>(c)] *
                        silu_of(xz[static_cast<std::size_t>(p * 2 * e + e + c)]);
        }
        return out;
    }
};

template <int kWidth>
std::vector<float> on_the_grid(Weights& weights, const std::vector<float>& words, bool official) {
    const auto packed = weights.packed();
    const auto sentences = static_cast<std::int64_t>(words.size()) / (16 * kWidth);
    return test::same_in_any_order<float>([&](Order order) {
        std::vector<float> out = words;  // in place
        const InnerSs2d<kWidth> kernel{out.data(), sentences, official, packed, out.data()};
        run_on_host(kernel, kernel.blocks(), order);
        return out;
    });
}

template <int kWidth>
void check_width() {
    std::mt19937 generator(kWidth);
    for (const bool official : {true, false}) {
        Weights weights = random_weights(kWidth, generator);
        const auto words =
            normal_values(generator, 3 * 16 * kWidth);  // an odd number: the last block is half empty
        const auto ours = on_the_grid<kWidth>(weights, words, official);
        std::vector<float> expected;
        for (std::size_t s = 0; s < 3; ++s) {
            const auto first = words.begin() + static_cast<std::ptrdiff_t>(s * 16 * kWidth);
            for (const double value :
                 Reference{weights}(std::vector<double>(first, first + 16 * kWidth), official))
                expected.push_back(static_cast<float>(value));
        }
        EXPECT_LE(golden_error(ours, expected), kTolerance)
            << kWidth << (official ? " official" : " spatial");
    }
}

TEST(DeviceInnerSs2d, AgreesWithTheSpecificationInEveryWidth) {
    check_width<4>();
    check_width<8>();
    check_width<16>();
    check_width<32>();
}

TEST(DeviceInnerSs2d, GoldenBlockIsReproduced) {
    if (spectile::test::golden_absent())
        GTEST_SKIP() << "no golden files at " << spectile::test::golden_root();
    int found = 0;
    for (const auto& file : spectile::test::golden_files("mim_istd")) {
        if (!file.has("act.inner_attn") || !file.has("state.inner_attn.A_logs")) continue;
        ++found;
        const auto state = [&](const std::string& key) { return file.at("state." + key).values; };
        ASSERT_EQ(file.at("input.words").dim(2), 4);
        Weights w(4);
        w.norm1_weight = state("inner_norm1.weight"), w.norm1_bias = state("inner_norm1.bias");
        w.in_proj = state("inner_attn.in_proj.weight");
        w.conv = state("inner_attn.conv2d.weight"), w.conv_bias = state("inner_attn.conv2d.bias");
        w.x_proj = state("inner_attn.x_proj_weight");
        w.dt_weight = state("inner_attn.dt_projs_weight"), w.dt_bias = state("inner_attn.dt_projs_bias");
        w.A = state("inner_attn.A_logs"), w.D = state("inner_attn.Ds");
        for (float& a : w.A) a = -std::exp(a);
        w.norm_weight = state("inner_attn.out_norm.weight"), w.norm_bias = state("inner_attn.out_norm.bias");
        w.out_proj = state("inner_attn.out_proj.weight");
        const auto& words = file.at("input.words").values;
        auto ours = on_the_grid<4>(w, words, /*official=*/true);
        for (std::size_t i = 0; i < ours.size(); ++i) ours[i] -= words[i];
        EXPECT_LE(golden_error(ours, file.at("act.inner_attn")), kTolerance) << file.stem();
    }
    EXPECT_GT(found, 0);
}

}  // namespace
}  // namespace spectile::kernels::device
