#include "training/optimiser.hpp"

#include <ATen/ops/full.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace spectile::training {
namespace {

at::Tensor tensor(double value) { return at::full({1}, value, at::kFloat); }

TEST(AdamW, FollowsThePublishedFormula) {
    const at::Tensor weight = tensor(2);
    AdamW optimiser({{.name = "w", .tensor = weight}}, 0.1);
    double p = 2, m = 0, v = 0;
    for (int step = 1; step <= 5; ++step) {
        const double gradient = 0.5 * step - 1, rate = 0.01 * step;
        optimiser.step({tensor(gradient)}, rate);
        m = 0.9 * m + 0.1 * gradient;
        v = 0.999 * v + 0.001 * gradient * gradient;
        p -= rate * 0.1 * p;
        p -= rate * (m / (1 - std::pow(0.9, step))) / (std::sqrt(v / (1 - std::pow(0.999, step))) + 1e-8);
        EXPECT_NEAR(values_of(weight)[0], p, 1e-6);
    }
}

TEST(AdamW, DecaysOnlyWhatAsksForIt) {
    const at::Tensor weight = tensor(1), bias = tensor(1);
    AdamW optimiser({{.name = "w", .tensor = weight}, {.name = "b", .tensor = bias, .decay = false}}, 0.5);
    optimiser.step({tensor(0), tensor(0)}, 0.1);
    EXPECT_FLOAT_EQ(values_of(weight)[0], 0.95F);
    EXPECT_EQ(values_of(bias)[0], 1);
}

TEST(Gradients, AreScaledToTheLimitTogetherAndLeftAloneBelowIt) {
    std::vector<at::Tensor> gradients = {tensor(3), tensor(4)};
    clip_gradients(gradients, 10);
    EXPECT_EQ(values_of(gradients[0])[0], 3);
    clip_gradients(gradients, 1);
    EXPECT_FLOAT_EQ(values_of(gradients[0])[0], 0.6F);
    EXPECT_NEAR(gradient_norm(gradients), 1, 1e-6);
}

}  // namespace
}  // namespace spectile::training
