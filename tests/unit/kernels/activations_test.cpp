#include "kernels/activations.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "each_target.hpp"

namespace spectile::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// |ours - exact| in units in the last place of a float of the exact value's size.
double ulps(float ours, double exact) {
    const int exponent = std::max(std::ilogb(exact), -126);
    return std::abs(static_cast<double>(ours) - exact) / std::ldexp(1.0, exponent - 23);
}

/// Floats from `lowest` to `highest`, every `step`-th bit pattern: all exponents, evenly within each.
std::vector<float> floats_between(float lowest, float highest, std::uint32_t step) {
    std::vector<float> values;
    for (std::uint64_t bits = 0; bits < 0x7F800000U; bits += step) {
        const float magnitude = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
        for (const float value : {magnitude, -magnitude})
            if (value >= lowest && value <= highest) values.push_back(value);
    }
    values.push_back(lowest);
    values.push_back(highest);
    return values;
}

template <typename Kernel, typename Exact>
double worst_ulps(const std::vector<float>& values, Kernel kernel, Exact exact, float* where = nullptr) {
    std::vector<float> ours(values.size());
    kernel(values.data(), ours.data(), values.size());
    double worst = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double error = ulps(ours[i], exact(static_cast<double>(values[i])));
        if (error > worst && where != nullptr) *where = values[i];
        worst = std::max(worst, error);
    }
    return worst;
}

constexpr std::uint32_t kStep = 2039;  // prime: about a million floats, no bit always the same

TEST(Activations, ExpStaysWithinItsStatedError) {
    const auto values = floats_between(-87.3365F, 88.7228F, kStep);
    test::for_each_target([&] {
        float where = 0;
        const double worst = worst_ulps(
            values, exp, [](double x) { return std::exp(x); }, &where);
        EXPECT_LT(worst, 2.5) << "at " << where;
        EXPECT_GT(worst, 0.5)
            << "a polynomial of degree 5 cannot be this good: is the test measuring anything?";
        RecordProperty("exp_worst_ulps", std::to_string(worst));
    });
}

TEST(Activations, BoundedPowerOfTwoStaysWithinItsStatedError) {
    const auto values = floats_between(-126.0F, 126.0F, kStep);
    test::for_each_target([&] {
        float where = 0;
        EXPECT_LT(worst_ulps(
                      values, exp2_bounded, [](double t) { return std::exp2(t); }, &where),
                  2.5)
            << where;
    });
}

TEST(Activations, ExpHandlesTheEndsOfTheRange) {
    const std::vector<float> in = {
        -kInfinity, -1e30F, -200.0F, -87.5F,    0.0F,
        -0.0F,      88.9F,  1e30F,   kInfinity, std::numeric_limits<float>::quiet_NaN()};
    test::for_each_target([&] {
        std::vector<float> out(in.size());
        exp(in.data(), out.data(), in.size());
        for (const int i : {0, 1, 2, 3}) EXPECT_EQ(out[i], 0.0F) << in[i];
        EXPECT_EQ(out[4], 1.0F);
        EXPECT_EQ(out[5], 1.0F);
        for (const int i : {6, 7, 8}) EXPECT_EQ(out[i], kInfinity) << in[i];
        EXPECT_TRUE(std::isnan(out[9]));
    });
}

TEST(Activations, SigmoidStaysWithinItsStatedErrorDownToTinyMasks) {
    const auto values = floats_between(-87.3F, 87.3F, kStep);
    test::for_each_target([&] {
        float where = 0;
        const double worst = worst_ulps(
            values, sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }, &where);
        EXPECT_LT(worst, 3.5) << "at " << where;
        const float in[3] = {-64.0F, -1000.0F, 1000.0F};
        float out[3];
        sigmoid(in, out, 3);
        EXPECT_NEAR(out[0] / 1.6038108e-28, 1, 1e-6);
        EXPECT_LT(out[1], 1.3e-38F);
        EXPECT_EQ(out[2], 1.0F);
    });
}

TEST(Activations, SiluStaysWithinItsStatedError) {
    const auto values = floats_between(-80.0F, 87.3F, kStep);
    test::for_each_target([&] {
        float where = 0;
        const double worst = worst_ulps(
            values, silu, [](double x) { return x / (1 + std::exp(-x)); }, &where);
        EXPECT_LT(worst, 3.5) << "at " << where;
    });
}

TEST(Activations, SoftplusKeepsTinyDeltasAndIsTheIdentityAboveTwenty) {
    const auto values = floats_between(-87.3F, 1e30F, kStep);
    const auto exact = [](double x) {
        return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
    };
    test::for_each_target([&] {
        float where = 0;
        EXPECT_LT(worst_ulps(values, softplus, exact, &where), 4.5) << "at " << where;
        const float in[4] = {-20.723266F, -64.5F, 20.0F, 1e10F};
        float out[4];
        softplus(in, out, 4);
        EXPECT_NEAR(out[0] / 1e-9, 1, 1e-5);
        EXPECT_NEAR(out[1] / std::log1p(std::exp(-64.5)), 1, 1e-6);
        EXPECT_EQ(out[2], 20.0F);
        EXPECT_EQ(out[3], 1e10F);
    });
}

TEST(Activations, AnElementDoesNotDependOnItsPlace) {
    std::vector<float> in(67);
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = -9.0F + 0.27F * static_cast<float>(i);
    test::for_each_target([&] {
        for (const auto kernel : {exp, sigmoid, silu, softplus}) {
            std::vector<float> whole(in.size());
            kernel(in.data(), whole.data(), in.size());
            for (std::size_t i = 0; i < in.size(); ++i) {
                float alone = 0;
                kernel(&in[i], &alone, 1);
                ASSERT_EQ(std::bit_cast<std::uint32_t>(alone), std::bit_cast<std::uint32_t>(whole[i]))
                    << in[i];
            }
        }
    });
}

TEST(Gelu, IsTheExactFormAtEveryTarget) {
    std::vector<float> x;
    for (float value = 1e-6F; value < 1e5F; value *= 1.001F) x.insert(x.end(), {value, -value});
    x.insert(x.end(), {0.0F, 1e30F, -1e30F});
    test::for_each_target([&] {
        std::vector<float> y(x.size());
        gelu(x.data(), y.data(), y.size());
        for (std::size_t i = 0; i < x.size(); ++i) {
            const double exact = x[i] / 2.0 * (1 + std::erf(x[i] / std::sqrt(2.0)));
            ASSERT_NEAR(y[i], exact, 2e-7 * std::abs(x[i])) << x[i];
        }
        EXPECT_EQ(y.back(), 0.0F);
    });
}

}  // namespace
}  // namespace spectile::kernels
