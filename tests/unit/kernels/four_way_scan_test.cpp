#include "kernels/four_way_scan.hpp"

#include <algorithm>
#include <cmath>

#include "unit/kernels/each_target.hpp"
#include "unit/kernels/random_values.hpp"

namespace spectile::kernels {
namespace {

using test::for_each_target;

/// One scan with values of its own.
struct Case {
    FourWayScan scan;
    std::vector<float> u, projected, dt_weight, dt_bias, A, D, grad;

    Case(std::int64_t batch, std::int64_t rows, std::int64_t cols, std::int64_t channels, std::int64_t rank) {
        scan = {.batch = batch, .rows = rows, .cols = cols, .channels = channels, .rank = rank};
        const auto tokens = static_cast<std::size_t>(batch * rows * cols);
        const auto fill = [&](std::size_t count, float scale) { return test::test_values(count, scale); };
        u = fill(tokens * static_cast<std::size_t>(channels), 1);
        projected = fill(tokens * static_cast<std::size_t>(4 * scan.projected_width()), 1);
        dt_weight = fill(static_cast<std::size_t>(4 * channels * rank), 1);
        dt_bias = fill(static_cast<std::size_t>(4 * channels), 1);
        A = fill(static_cast<std::size_t>(4 * channels * 16), 2);
        for (float& a : A) a = -std::abs(a);
        D = fill(static_cast<std::size_t>(4 * channels), 1);
        grad = fill(u.size(), 1);
        scan.u = u.data();
        scan.projected = projected.data();
        scan.dt_weight = dt_weight.data();
        scan.dt_bias = dt_bias.data();
        scan.A = A.data();
        scan.D = D.data();
    }

    std::vector<float> forward() const {
        const FourWayCoefficients weights(scan);
        std::vector<float> y(u.size());
        four_way_scan_forward(scan, weights, y.data(), {0, scan.batch, 0, weights.groups});
        return y;
    }
};

std::int64_t position_of(const FourWayScan& scan, std::int64_t direction, std::int64_t step) {
    if (direction >= 2) step = scan.tokens() - 1 - step;
    return direction % 2 == 0 ? step : step % scan.rows * scan.cols + step / scan.rows;
}

/// The definition in double, one channel and direction after the other.
std::vector<double> by_definition(const Case& c) {
    const auto& s = c.scan;
    std::vector<double> y(c.u.size());
    for (std::int64_t sample = 0; sample < s.batch; ++sample)
        for (std::int64_t k = 0; k < 4; ++k)
            for (std::int64_t e = 0; e < s.channels; ++e) {
                double h[16] = {};
                const std::int64_t row = k * s.channels + e;
                for (std::int64_t step = 0; step < s.tokens(); ++step) {
                    const std::int64_t at = sample * s.tokens() + position_of(s, k, step);
                    const float* p = s.projected + (at * 4 + k) * s.projected_width();
                    double raw = s.dt_bias[row];
                    for (std::int64_t r = 0; r < s.rank; ++r)
                        raw += double{s.dt_weight[row * s.rank + r]} * p[r];
                    const double delta = std::log1p(std::exp(-std::abs(raw))) + std::max(raw, 0.0),
                                 u = s.u[at * s.channels + e];
                    double sum = s.D[row] * u;
                    for (std::int64_t n = 0; n < 16; ++n) {
                        h[n] = std::exp(delta * s.A[row * 16 + n]) * h[n] + delta * p[s.rank + n] * u;
                        sum += p[s.rank + 16 + n] * h[n];
                    }
                    y[static_cast<std::size_t>(at * s.channels + e)] += sum;
                }
            }
    return y;
}

std::vector<Case> cases() {
    std::vector<Case> list;
    list.reserve(4);                     // A copy would point into the first one's values.
    list.emplace_back(3, 4, 4, 8, 1);    // Words of a sentence.
    list.emplace_back(2, 5, 7, 16, 2);   // Neither square nor a multiple of a run.
    list.emplace_back(1, 1, 33, 20, 3);  // Channels that fill no group.
    list.emplace_back(1, 6, 1, 3, 1);
    return list;
}

TEST(FourWayScan, FollowsItsDefinitionAtEveryLevel) {
    for_each_target([] {
        for (const auto& c : cases()) {
            const auto y = c.forward();
            const auto expected = by_definition(c);
            double largest = 0, worst = 0;
            for (std::size_t i = 0; i < y.size(); ++i) {
                largest = std::max(largest, std::abs(expected[i]));
                worst = std::max(worst, std::abs(expected[i] - y[i]));
            }
            EXPECT_LE(worst, 5e-6 * largest) << c.scan.rows << "x" << c.scan.cols;
        }
    });
}

TEST(FourWayScan, LargeStepsDecayToNothingInsteadOfNonsense) {
    Case c(1, 4, 4, 8, 1);
    std::fill(c.dt_bias.begin(), c.dt_bias.end(), 300.0F);
    const auto y = c.forward();
    const auto expected = by_definition(c);
    for (std::size_t i = 0; i < y.size(); ++i)
        EXPECT_NEAR(y[i], expected[i], 1e-5 * std::abs(expected[i]) + 1e-2);
}

TEST(FourWayScan, BytesDoNotDependOnTheCut) {
    for_each_target([] {
        const Case c(5, 9, 6, 40, 2);
        const auto whole = c.forward();
        const FourWayCoefficients weights(c.scan);
        std::vector<float> cut(whole.size());
        for (std::int64_t sample = c.scan.batch; sample-- > 0;)
            for (std::int64_t group = weights.groups; group-- > 0;)
                four_way_scan_forward(c.scan, weights, cut.data(), {sample, sample + 1, group, group + 1});
        EXPECT_EQ(whole, cut);
    });
}

struct Gradients {
    std::vector<float> u, projected, dt_weight, dt_bias, A, D;
    FourWayGradients pointers() {
        return {u.data(), projected.data(), dt_weight.data(), dt_bias.data(), A.data(), D.data()};
    }
};

Gradients backward(const Case& c) {
    Gradients g{c.u, c.projected, c.dt_weight, c.dt_bias, c.A, c.D};
    four_way_scan_backward(c.scan, FourWayCoefficients(c.scan), c.grad.data(), g.pointers(), 0, c.scan.batch);
    return g;
}

/// d sum(y * grad) / d value by a central difference of the definition.
double difference(Case& c, float& value) {
    constexpr float kStep = 1e-3F;
    const float before = value;
    const auto weighed = [&](float at) {
        value = at;
        const auto y = by_definition(c);
        double sum = 0;
        for (std::size_t i = 0; i < y.size(); ++i) sum += y[i] * c.grad[i];
        return sum;
    };
    const double high = weighed(before + kStep), low = weighed(before - kStep);
    const double step = static_cast<double>(before + kStep) - static_cast<double>(before - kStep);
    value = before;
    return (high - low) / step;
}

TEST(FourWayScan, GradientsAreThoseOfTheDefinition) {
    for_each_target([] {
        for (auto& c : cases()) {
            const auto g = backward(c);
            const auto compare = [&](std::vector<float>& values, const std::vector<float>& gradient) {
                for (std::size_t i = 0; i < values.size(); i += 1 + values.size() / 7) {
                    const double expected = difference(c, values[i]);
                    EXPECT_NEAR(gradient[i], expected, 1e-3 * std::abs(expected) + 1e-3);
                }
            };
            compare(c.u, g.u);
            compare(c.projected, g.projected);
            compare(c.dt_weight, g.dt_weight);
            compare(c.dt_bias, g.dt_bias);
            compare(c.A, g.A);
            compare(c.D, g.D);
        }
    });
}

}  // namespace
}  // namespace spectile::kernels
