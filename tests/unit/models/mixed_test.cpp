#include "models/networks/layers/mixed.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/isinf.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

namespace spectile::networks {
namespace {

class MixedProducts : public testing::TestWithParam<at::ScalarType> {
protected:
    at::Tensor near(const at::Tensor& x) const { return x.to(GetParam()).to(at::kFloat); }
};

TEST_P(MixedProducts, RoundOperandsAndResultAndAddTheBiasBehind) {
    const auto x = at::randn({3, 5, 40}), weight = at::randn({7, 40}), bias = at::randn({7});
    const auto expected = near(at::linear(near(x), near(weight))) + bias;
    const auto low = mixed::linear(x, weight.to(GetParam()), bias);
    EXPECT_EQ(low.scalar_type(), at::kFloat);
    EXPECT_TRUE(at::equal(low, expected));
    EXPECT_FALSE(at::equal(low, at::linear(x, weight, bias)));
}

TEST_P(MixedProducts, OfMatricesAndConvolutionsLikewise) {
    const auto a = at::randn({2, 6, 30}), b = at::randn({2, 30, 4});
    EXPECT_TRUE(at::equal(mixed::matmul(a, b, GetParam()), near(at::matmul(near(a), near(b)))));
    const auto image = at::randn({2, 3, 9, 9}), weight = at::randn({4, 3, 3, 3}), bias = at::randn({4});
    const auto expected = near(at::conv2d(near(image), near(weight), {}, 2, 1)) + bias.view({-1, 1, 1});
    EXPECT_TRUE(
        at::equal(mixed::conv2d(image, weight.to(GetParam()), bias, {.stride = 2, .padding = 1}), expected));
}

INSTANTIATE_TEST_SUITE_P(Types, MixedProducts, testing::Values(at::kHalf, at::kBFloat16));

TEST(Mixed, AFloat32WeightIsLibTorchsOperatorToTheBit) {
    const auto x = at::randn({4, 11}), weight = at::randn({6, 11}), bias = at::randn({6});
    EXPECT_TRUE(at::equal(mixed::linear(x, weight, bias), at::linear(x, weight, bias)));
    EXPECT_TRUE(at::equal(mixed::linear(x, weight), at::linear(x, weight)));
    EXPECT_TRUE(at::equal(mixed::matmul(x, weight.t(), at::kFloat), at::matmul(x, weight.t())));
}

TEST(Mixed, Float16OverflowsWhereBfloat16DoesNot) {
    const auto x = at::full({1, 2}, 300.0F), weight = at::full({1, 2}, 300.0F);
    EXPECT_TRUE(mixed::linear(x, weight.to(at::kHalf)).isinf().all().item<bool>());
    EXPECT_FLOAT_EQ(mixed::linear(x, weight.to(at::kBFloat16)).item<float>(), 180224.0F);
}

}  // namespace
}  // namespace spectile::networks
