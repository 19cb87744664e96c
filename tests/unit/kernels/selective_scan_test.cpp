#include "kernels/selective_scan.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "each_target.hpp"
#include "random_values.hpp"

namespace spectile::kernels {
namespace {

/// Random tensors of a scan; which optional inputs exist follows `options`' bits.
struct Tensors {
    std::vector<float> u, delta, A, B, C, D, z, bias, grad_y;
    SelectiveScan scan;

    Tensors(std::mt19937& g, int batch, int channels, int length, int states, unsigned options) {
        const std::size_t tokens = static_cast<std::size_t>(batch) * channels * length;
        u = test::normal_values(g, tokens);
        delta = test::normal_values(g, tokens, 0.5F);
        A = test::normal_values(g, static_cast<std::size_t>(channels) * states);
        for (float& a : A) a = -std::abs(a) - 0.1F;
        B = test::normal_values(g, static_cast<std::size_t>(batch) * states * length);
        C = test::normal_values(g, B.size());
        D = test::normal_values(g, channels);
        z = test::normal_values(g, tokens);
        bias = test::normal_values(g, channels, 0.3F);
        grad_y = test::normal_values(g, tokens);
        scan = {batch, channels, length, states, u.data(), delta.data(), A.data(), B.data(), C.data()};
        if ((options & 1U) != 0) scan.D = D.data();
        if ((options & 2U) != 0) scan.z = z.data();
        if ((options & 4U) != 0) scan.delta_bias = bias.data();
        scan.delta_softplus = (options & 8U) != 0;
        if (!scan.delta_softplus)
            for (float& value : delta) value = std::abs(value);
    }
};

/// The definition (specification 2.3) in double, one value at a time.
std::vector<double> reference(const SelectiveScan& s) {
    std::vector<double> y(static_cast<std::size_t>(s.batch * s.channels * s.length));
    for (std::int64_t row = 0; row < s.batch * s.channels; ++row) {
        const std::int64_t sample = row / s.channels;
        const std::int64_t e = row % s.channels;
        std::vector<double> h(static_cast<std::size_t>(s.states), 0.0);
        for (std::int64_t t = 0; t < s.length; ++t) {
            const double u = s.u[row * s.length + t];
            double delta = s.delta[row * s.length + t];
            if (s.delta_bias != nullptr) delta += s.delta_bias[e];
            if (s.delta_softplus) delta = std::log1p(std::exp(delta));
            double sum = s.D != nullptr ? s.D[e] * u : 0.0;
            for (std::int64_t n = 0; n < s.states; ++n) {
                const std::int64_t at = (sample * s.states + n) * s.length + t;
                h[n] = std::exp(delta * s.A[e * s.states + n]) * h[n] + delta * s.B[at] * u;
                sum += s.C[at] * h[n];
            }
            if (s.z != nullptr) {
                const double gate = s.z[row * s.length + t];
                sum *= gate / (1 + std::exp(-gate));
            }
            y[row * s.length + t] = sum;
        }
    }
    return y;
}

double loss(const SelectiveScan& scan, const std::vector<float>& grad_y) {
    const auto y = reference(scan);
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) sum += y[i] * grad_y[i];
    return sum;
}

/// Central difference of the reference's loss along one input value.
double slope(const SelectiveScan& scan, const std::vector<float>& grad_y, float& input) {
    const float before = input;
    const float step = 1.0F / 512;
    input = before + step;
    const double above = loss(scan, grad_y);
    const double high = input;
    input = before - step;
    const double below = loss(scan, grad_y);
    const double low = input;
    input = before;
    return (above - below) / (high - low);
}

struct Shape {
    int batch, channels, length, states;
};
constexpr Shape kShapes[] = {{1, 1, 1, 1}, {2, 3, 5, 4}, {1, 17, 33, 3}, {3, 16, 16, 16}, {2, 40, 19, 9}};

TEST(SelectiveScan, ForwardAgreesWithTheDefinition) {
    test::for_each_target([&] {
        std::mt19937 generator(11);
        for (const Shape& shape : kShapes)
            for (const unsigned options : {0U, 5U, 10U, 15U}) {
                const Tensors t(generator, shape.batch, shape.channels, shape.length, shape.states, options);
                std::vector<float> y(t.u.size());
                selective_scan_forward(t.scan, y.data(), nullptr, 0, t.scan.batch);
                const auto expected = reference(t.scan);
                for (std::size_t i = 0; i < y.size(); ++i)
                    ASSERT_NEAR(y[i], expected[i], 2e-5 * (1 + std::abs(expected[i]))) << "value " << i;
            }
    });
}

/// [batch, rows, length] as [batch, length, rows], each token `gap` floats further apart than it is wide.
std::vector<float> tokens_first(const std::vector<float>& values, std::int64_t batch, std::int64_t rows,
                                std::int64_t length, std::int64_t gap = 0) {
    std::vector<float> out(static_cast<std::size_t>(batch * length * (rows + gap)), 99);
    for (std::int64_t b = 0; b < batch; ++b)
        for (std::int64_t row = 0; row < rows; ++row)
            for (std::int64_t t = 0; t < length; ++t)
                out[static_cast<std::size_t>((b * length + t) * (rows + gap) + row)] =
                    values[static_cast<std::size_t>((b * rows + row) * length + t)];
    return out;
}

struct AllGradients {
    std::vector<float> u, delta, A, B, C, D, z, bias;
    explicit AllGradients(const Tensors& t)
        : u(t.u.size()),
          delta(u),
          A(t.A.size() * static_cast<std::size_t>(t.scan.batch)),
          B(t.B.size()),
          C(B),
          D(t.D.size() * static_cast<std::size_t>(t.scan.batch)),
          z(u),
          bias(D) {}
    SelectiveScanGradients pointers() {
        return {u.data(), delta.data(), A.data(), B.data(), C.data(), D.data(), z.data(), bias.data()};
    }
};

TEST(SelectiveScan, TokensFirstGiveTheSameBytes) {
    test::for_each_target([&] {
        std::mt19937 generator(12);
        for (const Shape& shape : kShapes) {
            const Tensors t(generator, shape.batch, shape.channels, shape.length, shape.states, 15U);
            const auto& s = t.scan;
            const auto wide = [&](const std::vector<float>& values, std::int64_t gap) {
                return tokens_first(values, s.batch, s.channels, s.length, gap);
            };
            const auto states = [&](const std::vector<float>& values, std::int64_t gap) {
                return tokens_first(values, s.batch, s.states, s.length, gap);
            };
            const auto u = wide(t.u, 0), delta = wide(t.delta, 3), z = wide(t.z, 5), B = states(t.B, 2),
                       C = states(t.C, 1);
            SelectiveScan other = s;
            other.u = u.data();
            other.delta = delta.data();
            other.z = z.data();
            other.B = B.data();
            other.C = C.data();
            other.tokens_first = true;
            other.u_stride = s.channels;
            other.delta_stride = s.channels + 3;
            other.z_stride = s.channels + 5;
            other.B_stride = s.states + 2;
            other.C_stride = s.states + 1;
            std::vector<float> y(t.u.size()), other_y(y);
            selective_scan_forward(s, y.data(), nullptr, 0, s.batch);
            selective_scan_forward(other, other_y.data(), nullptr, 0, s.batch);
            EXPECT_EQ(wide(y, 0), other_y);
            AllGradients ours(t), others(t);
            const auto grad = wide(t.grad_y, 0);
            selective_scan_backward(s, t.grad_y.data(), ours.pointers(), 0, s.batch);
            selective_scan_backward(other, grad.data(), others.pointers(), 0, s.batch);
            EXPECT_EQ(wide(ours.u, 0), others.u);
            EXPECT_EQ(wide(ours.delta, 0), others.delta);
            EXPECT_EQ(wide(ours.z, 0), others.z);
            EXPECT_EQ(states(ours.B, 0), others.B);
            EXPECT_EQ(states(ours.C, 0), others.C);
            EXPECT_EQ(ours.A, others.A);
            EXPECT_EQ(ours.D, others.D);
            EXPECT_EQ(ours.bias, others.bias);
        }
    });
}

TEST(SelectiveScan, GradientsAgreeWithFiniteDifferences) {
    test::for_each_target([&] {
        std::mt19937 generator(12);
        for (const unsigned options : {0U, 7U, 15U}) {
            Tensors t(generator, 2, 18, 19, 3, options);
            const std::size_t rows = 2 * 18;
            std::vector<float> u(t.u.size()), delta(u), z(u), A(rows * 3), B(t.B.size()), C(B), D(rows),
                bias(rows);
            selective_scan_backward(
                t.scan, t.grad_y.data(),
                {u.data(), delta.data(), A.data(), B.data(), C.data(), D.data(), z.data(), bias.data()}, 0,
                2);
            for (std::size_t i = 0; i < A.size() / 2; ++i) A[i] += A[A.size() / 2 + i];
            for (std::size_t i = 0; i < 18; ++i) D[i] += D[18 + i], bias[i] += bias[18 + i];
            const auto check = [&](const char* name, std::vector<float>& input,
                                   const std::vector<float>& gradient) {
                for (int probe = 0; probe < 12; ++probe) {
                    const auto i = static_cast<std::size_t>(
                        test::integer_between(generator, 0, static_cast<int>(input.size()) - 1));
                    const double expected = slope(t.scan, t.grad_y, input[i]);
                    EXPECT_NEAR(gradient[i], expected, 2e-3 * (1 + std::abs(expected))) << name << " " << i;
                }
            };
            check("u", t.u, u);
            check("delta", t.delta, delta);
            check("A", t.A, A);
            check("B", t.B, B);
            check("C", t.C, C);
            if (t.scan.D != nullptr) check("D", t.D, D);
            if (t.scan.z != nullptr) check("z", t.z, z);
            if (t.scan.delta_bias != nullptr) check("delta_bias", t.bias, bias);
        }
    });
}

TEST(SelectiveScan, BytesDoNotDependOnTheSplitOfTheBatch) {
    test::for_each_target([&] {
        std::mt19937 generator(13);
        const Tensors t(generator, 5, 21, 23, 16, 15);
        const auto run = [&](const std::vector<int>& cuts) {
            std::vector<std::vector<float>> out(9);
            const std::size_t sizes[] = {t.u.size(), 5 * 21 * 16, t.u.size(), t.u.size(), 5 * 21 * 16,
                                         t.B.size(), t.B.size(),  5 * 21,     5 * 21};
            for (std::size_t i = 0; i < out.size(); ++i) out[i].resize(sizes[i]);
            for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
                selective_scan_forward(t.scan, out[0].data(), out[1].data(), cuts[i], cuts[i + 1]);
                selective_scan_backward(t.scan, t.grad_y.data(),
                                        {out[2].data(), out[3].data(), out[4].data(), out[5].data(),
                                         out[6].data(), out[7].data(), nullptr, out[8].data()},
                                        cuts[i], cuts[i + 1]);
            }
            return out;
        };
        const auto whole = run({0, 5});
        EXPECT_EQ(run({0, 1, 2, 3, 4, 5}), whole);
        EXPECT_EQ(run({0, 3, 5}), whole);
    });
}

TEST(SelectiveScan, DecayThatUnderflowsForgetsTheState) {
    test::for_each_target([&] {
        std::mt19937 generator(14);
        Tensors t(generator, 1, 3, 4, 2, 0);
        for (float& value : t.delta) value = 4000.0F;
        std::vector<float> y(t.u.size());
        selective_scan_forward(t.scan, y.data(), nullptr, 0, 1);
        const auto expected = reference(t.scan);
        for (std::size_t i = 0; i < y.size(); ++i)
            EXPECT_NEAR(y[i], expected[i], 1e-5 * (1 + std::abs(expected[i])));
    });
}

}  // namespace
}  // namespace spectile::kernels
