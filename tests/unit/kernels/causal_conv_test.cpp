#include "kernels/causal_conv.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "unit/kernels/each_target.hpp"
#include "unit/kernels/expect_near.hpp"
#include "unit/kernels/random_values.hpp"

namespace spectile::kernels {
namespace {

/// Sequences whose tokens lie further apart than they are wide.
struct Sequences {
    CausalConv conv;
    std::vector<float> x, weight, bias, grad;
    Sequences(std::int64_t batch, std::int64_t length, std::int64_t channels, std::int64_t taps,
              std::int64_t gap) {
        conv = {
            .batch = batch, .length = length, .channels = channels, .taps = taps, .x_stride = channels + gap};
        x = test::test_values(static_cast<std::size_t>(batch * length * conv.x_stride), 1);
        weight = test::test_values(static_cast<std::size_t>(taps * channels), 1);
        bias = test::test_values(static_cast<std::size_t>(channels), 1);
        grad = test::test_values(values(), 1);
        conv.x = x.data();
        conv.weight = weight.data();
        conv.bias = bias.data();
    }
    Sequences(const Sequences&) = delete;
    std::size_t values() const { return static_cast<std::size_t>(conv.batch * conv.length * conv.channels); }
    /// Calls body(output, input without gaps, its place with them, weight) for every product of the
    /// convolution.
    template <typename Body>
    void products(Body body) const {
        for (std::int64_t b = 0; b < conv.batch; ++b)
            for (std::int64_t t = 0; t < conv.length; ++t)
                for (std::int64_t tap = 0; tap < conv.taps; ++tap) {
                    const std::int64_t from = t + tap - conv.taps + 1;
                    if (from < 0) continue;
                    for (std::int64_t c = 0; c < conv.channels; ++c)
                        body(static_cast<std::size_t>((b * conv.length + t) * conv.channels + c),
                             static_cast<std::size_t>((b * conv.length + from) * conv.channels + c),
                             static_cast<std::size_t>((b * conv.length + from) * conv.x_stride + c),
                             static_cast<std::size_t>(tap * conv.channels + c));
                }
    }
};

template <typename Body>
void for_each_shape(Body body) {
    test::for_each_target([&] {
        body(Sequences(2, 5, 16, 4, 0));
        body(Sequences(3, 1, 7, 4, 3));
        body(Sequences(1, 34, 35, 4, 35));
        body(Sequences(2, 3, 4, 6, 1));  // More taps than tokens.
    });
}

TEST(CausalConv, FollowsItsDefinition) {
    for_each_shape([](const Sequences& s) {
        std::vector<double> expected(s.values());
        for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = s.bias[i % s.bias.size()];
        s.products(
            [&](auto out, auto, auto in, auto tap) { expected[out] += double{s.x[in]} * s.weight[tap]; });
        std::vector<float> out(s.values());
        causal_conv_forward(s.conv, out.data(), 0, s.conv.batch);
        test::expect_near(out, expected);
    });
}

TEST(CausalConv, GradientsFollowTheDefinition) {
    for_each_shape([](const Sequences& s) {
        std::vector<double> d_x(s.values()), d_weight(s.weight.size()), d_bias(s.bias.size());
        s.products([&](auto out, auto dense, auto in, auto tap) {
            d_x[dense] += double{s.grad[out]} * s.weight[tap];
            d_weight[tap] += double{s.grad[out]} * s.x[in];
        });
        for (std::size_t i = 0; i < s.grad.size(); ++i) d_bias[i % d_bias.size()] += s.grad[i];
        std::vector<float> x(d_x.size()), weight(d_weight.size(), 7), bias(d_bias.size(), 7);
        causal_conv_backward(s.conv, s.grad.data(), x.data(), weight.data(), bias.data());
        test::expect_near(x, d_x);
        test::expect_near(weight, d_weight);
        test::expect_near(bias, d_bias);
    });
}

TEST(CausalConv, BytesDoNotDependOnTheSplit) {
    const Sequences s(5, 9, 20, 4, 2);
    std::vector<float> whole(s.values()), split(s.values());
    causal_conv_forward(s.conv, whole.data(), 0, 5);
    causal_conv_forward(s.conv, split.data(), 3, 5);
    causal_conv_forward(s.conv, split.data(), 0, 3);
    EXPECT_EQ(whole, split);
}

}  // namespace
}  // namespace spectile::kernels
