#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include <cmath>

#include "models/networks/spectral_gpt/dropout.hpp"
#include "models/networks/spectral_gpt/network.hpp"
#include "support/without_one_dnn.hpp"

namespace spectile::networks {
namespace {

using gpt::Drops;

const std::string kSmallNet = R"("side": 32, "embed": 24, "depth": 3, "heads": 3, "head_channels": 128,
    "head_width": 16)";

std::shared_ptr<SpectralGpt> small(const std::string& keys) {
    return std::make_shared<SpectralGpt>(
        entries::parse_spectral_gpt("{" + kSmallNet + ", " + keys + "}", "test"), 7);
}

float difference(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<float>(); }

std::vector<std::uint64_t> keys_from(std::uint64_t first, std::size_t count) {
    std::vector<std::uint64_t> keys(count);
    for (std::size_t i = 0; i < count; ++i) keys[i] = first + i;
    return keys;
}

TEST(Drops, PathsRiseLinearlyOverTheBlocks) {
    const Drops drops{.paths = 0.4, .keys = {}};
    EXPECT_EQ(path_rate(drops, 0, 5), 0);
    EXPECT_DOUBLE_EQ(path_rate(drops, 2, 5), 0.2);
    EXPECT_DOUBLE_EQ(path_rate(drops, 4, 5), 0.4);
    EXPECT_DOUBLE_EQ(path_rate(drops, 0, 1), 0.4);
}

TEST(Drops, KeepTheExpectationAndTheirShare) {
    const std::map<std::string, at::Tensor> none;
    const Observer nobody;
    gpt::Pass pass(none, nobody);
    constexpr std::size_t kSamples = 20000;
    const Drops drops{.values = 0.3, .keys = keys_from(0, kSamples)};
    pass.drops = &drops;
    const auto branches = gpt::drop_path(pass, at::ones({kSamples, 2, 3}), 0.3, 5);
    // Four deviations of a share of 0.3 over 20 000 draws.
    const double tolerance = 4 * std::sqrt(0.3 * 0.7 / kSamples);
    EXPECT_NEAR((branches == 0).toType(at::kFloat).mean().item<float>(), 0.3, tolerance);
    EXPECT_NEAR(branches.mean().item<float>(), 1, tolerance / 0.7);
    EXPECT_EQ(difference(branches.select(1, 0), branches.select(1, 1)), 0) << "a branch is dropped whole";
    const auto values = gpt::drop_values(pass, at::ones({kSamples, 7}), 5);
    EXPECT_NEAR((values == 0).toType(at::kFloat).mean().item<float>(), 0.3, tolerance);
    EXPECT_FLOAT_EQ(values.max().item<float>(), static_cast<float>(1 / 0.7));
    EXPECT_GT(difference(values.select(1, 0), values.select(1, 1)), 0) << "values by themselves";
}

class DroppingTask : public testing::TestWithParam<const char*> {};

TEST_P(DroppingTask, IsExactWithoutAnythingLeftOut) {
    const at::NoGradGuard no_grad;
    const auto network = small(GetParam());
    const auto x = at::randn({2, network->config().input_bands(), 32, 32});
    EXPECT_EQ(difference(network->forward_dropping(x, {.keys = {1, 2}}), network->forward(x)), 0);
    EXPECT_GT(difference(network->forward_dropping(x, {.paths = 0.5, .keys = {1, 2}}), network->forward(x)),
              0);
    EXPECT_EQ(difference(network->forward(x), network->forward(x)), 0) << "nothing is left in the network";
}

TEST_P(DroppingTask, IsAFunctionOfTheSamplesKey) {
    const at::NoGradGuard no_grad;
    const test::WithoutOneDnn without;
    const auto network = small(GetParam());
    const auto x = at::randn({1, network->config().input_bands(), 32, 32});
    const auto with = [&](std::vector<std::uint64_t> keys, const at::Tensor& images) {
        return network->forward_dropping(images, {.paths = 0.6, .values = 0.5, .keys = std::move(keys)});
    };
    EXPECT_EQ(difference(with({3}, x), with({3}, x)), 0);
    EXPECT_GT(difference(with({3}, x), with({4}, x)), 0);
    const auto both = with({4, 3}, at::cat({x, x}));
    EXPECT_LT(difference(both.narrow(0, 1, 1), with({3}, x)), 1e-4F) << "whatever its place in the batch";
}

INSTANTIATE_TEST_SUITE_P(Every, DroppingTask,
                         testing::Values(R"("task": "segmentation", "classes": 3)", R"("task": "change")",
                                         R"("task": "classification", "classes": 4)"));

TEST(Drops, ChangeKeepsTheValuesOfItsScales) {
    const at::NoGradGuard no_grad;
    const auto network = small(R"("task": "segmentation", "classes": 3)");
    const auto x = at::randn({1, 12, 32, 32});
    const Drops all{.values = 0.5, .keys = {1}}, fused{.values = 0.5, .only_fused = true, .keys = {1}};
    EXPECT_GT(difference(network->forward_dropping(x, all), network->forward_dropping(x, fused)), 0);
    EXPECT_GT(difference(network->forward_dropping(x, fused), network->forward(x)), 0);
}

}  // namespace
}  // namespace spectile::networks
