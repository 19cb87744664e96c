#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/softmax.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "models/networks/spectral_gpt/network.hpp"
#include "models/networks/spectral_gpt/tile_model.hpp"
#include "spectile/error.hpp"
#include "support/without_one_dnn.hpp"

namespace spectile::networks {
namespace {

using testing::HasSubstr;

const std::string kSmall = R"("side": 32, "embed": 24, "depth": 2, "heads": 3, "decoder_embed": 16,
    "decoder_depth": 1, "decoder_heads": 2, "head_channels": 128, "head_width": 16)";

std::shared_ptr<SpectralGpt> network_of(const std::string& keys) {
    return std::make_shared<SpectralGpt>(
        entries::parse_spectral_gpt("{" + kSmall + ", " + keys + "}", "test"), 7);
}

class EveryTask : public testing::TestWithParam<const char*> {};

TEST_P(EveryTask, RunsAndEveryParameterLearns) {
    const test::WithoutOneDnn without;
    const auto network = network_of(GetParam());
    const auto& config = network->config();
    const auto out = network->forward(at::randn({2, config.input_bands(), 32, 32}));
    out.square().mean().backward();
    for (const auto& named : network->tensors()) {
        if (config.dense() && named.name.starts_with("norm.")) continue;  // In the files, never applied.
        ASSERT_TRUE(named.tensor.grad().defined()) << named.name;
        EXPECT_TRUE(named.tensor.grad().isfinite().all().item<bool>()) << named.name;
    }
}

TEST_P(EveryTask, BlockwiseAttentionAgreesWithThePlainForm) {
    const auto network = network_of(GetParam());
    const at::NoGradGuard no_grad;
    const auto x = at::randn({2, network->config().input_bands(), 32, 32});
    const auto ours = network->forward(x);
    network->use_plain_attention(true);
    const auto expected = network->forward(x);
    EXPECT_LE((ours - expected).abs().max().item<float>(), 1e-5F * expected.abs().max().item<float>());
}

INSTANTIATE_TEST_SUITE_P(Every, EveryTask,
                         testing::Values(R"("task": "pretraining", "mask_ratio": 0.75)",
                                         R"("task": "classification", "classes": 4)",
                                         R"("task": "classification", "classes": 4, "pos_embed": "full",
                                            "legacy_pool": false)",
                                         R"("task": "segmentation", "classes": 5)",
                                         R"("task": "segmentation", "bands": 10, "group": 2, "side": 32)",
                                         R"("task": "change")"));

TEST(SpectralGpt, RefusesOtherSizes) {
    const auto network = network_of(R"("task": "change")");
    try {
        network->forward(at::randn({1, 12, 32, 32}));
        FAIL() << "ran";
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Code::scene);
        EXPECT_THAT(e.what(), HasSubstr("reads 24 bands of 32x32 pixels, not 12x32x32"));
    }
}

TEST(SpectralGpt, LegacyPoolingLeavesOutTheFirstToken) {
    const at::NoGradGuard no_grad;
    const auto x = at::randn({1, 12, 32, 32});
    at::Tensor tokens, pooled;
    const Observer observer = [&](const std::string& name, const at::Tensor& value) {
        if (name == "blocks.1") tokens = value.clone();
        if (name == "pooled") pooled = value.clone();
    };
    network_of(R"("task": "classification", "classes": 4)")->forward(x, observer);
    EXPECT_TRUE(pooled.allclose(tokens.narrow(1, 1, 63).mean(1)));
    network_of(R"("task": "classification", "classes": 4, "legacy_pool": false)")->forward(x, observer);
    EXPECT_TRUE(pooled.allclose(tokens.mean(1)));
}

TEST(SpectralGpt, TheOrderOfTheDatesCounts) {
    const auto network = network_of(R"("task": "change")");
    const at::NoGradGuard no_grad;
    const auto first = at::randn({1, 12, 32, 32}), second = at::randn({1, 12, 32, 32});
    const auto forwards = network->forward(at::cat({first, second}, 1));
    EXPECT_FALSE(forwards.allclose(network->forward(at::cat({second, first}, 1))));
    // Without a difference there is nothing left of the images but rounding.
    const auto same = network->forward(at::cat({first, first}, 1));
    EXPECT_TRUE(same.allclose(network->forward(at::cat({second, second}, 1)), 1e-3, 1e-3));
}

TEST(SpectralGptMasking, KeepsTheNumberOfTokensThatIsPublished) {
    EXPECT_EQ(visible_tokens(1024, 0.9), 102);
    EXPECT_EQ(visible_tokens(576, 0.9), 57);
    EXPECT_EQ(visible_tokens(64, 0.9), 6);
    EXPECT_EQ(visible_tokens(576, 0.75), 144);
}

TEST(SpectralGptMasking, ASamplesMaskFollowsFromSeedEpochAndItsNumber) {
    const auto together = masking_noise(5, 2, 10, 3, 64);
    EXPECT_TRUE(together.narrow(0, 1, 2).equal(masking_noise(5, 2, 11, 2, 64))) << "whatever the batch";
    std::set<float> beginnings;
    for (const auto& noise : {together, masking_noise(5, 3, 10, 3, 64), masking_noise(6, 2, 10, 3, 64)})
        for (std::int64_t sample = 0; sample < 3; ++sample) beginnings.insert(noise[sample][0].item<float>());
    EXPECT_EQ(beginnings.size(), 9U);
    EXPECT_GE(together.min().item<float>(), 0);
    EXPECT_NEAR(masking_noise(1, 0, 0, 100, 1000).mean().item<float>(), 0.5, 0.005);
}

TEST(SpectralGptMasking, HidesEveryTokenButTheVisibleOnes) {
    const auto masking = mask_tokens(masking_noise(1, 0, 0, 4, 64), 0.9);
    EXPECT_EQ(masking.kept.size(1), 6);
    EXPECT_TRUE(masking.hidden.sum(1).eq(58).all().item<bool>());
    EXPECT_EQ(masking.hidden.gather(1, masking.kept).abs().sum().item<float>(), 0);
}

class SpectralGptRunner : public testing::TestWithParam<const char*> {
protected:
    static Cube random_cube(const Window& window, int bands, std::uint64_t seed) {
        Cube cube;
        cube.reset(window, bands);
        std::mt19937_64 engine(seed);
        std::normal_distribution<float> normal;
        for (auto& value : cube.values) value = normal(engine);
        for (auto& valid : cube.valid) valid = engine() % 5 != 0;
        return cube;
    }
    static void one_by_one(std::int64_t count, const std::function<void(std::int64_t)>& body) {
        for (std::int64_t i = 0; i < count; ++i) body(i);
    }
};

TEST_P(SpectralGptRunner, GivesTheNetworksProbabilities) {
    const auto network = network_of(GetParam());
    const auto& config = network->config();
    const auto runner = make_tile_model(network)->start();
    const std::vector<Cube> cubes = {random_cube({-8, 16, 32, 32}, config.input_bands(), 1),
                                     random_cube({24, 16, 32, 32}, config.input_bands(), 2)};
    std::vector<Prediction> out(2), alone(1);
    runner->predict(cubes, out, one_by_one);
    runner->predict({&cubes[1], 1}, alone, one_by_one);
    EXPECT_EQ(out[1].values, alone[0].values) << "not a bit by the neighbours in the batch";
    EXPECT_EQ(out[1].window, cubes[1].window);
    EXPECT_EQ(out[1].valid, cubes[1].valid);
    const at::NoGradGuard no_grad;
    auto values = cubes[1].values;
    const auto scores =
        network->forward(at::from_blob(values.data(), {1, config.input_bands(), 32, 32}, at::kFloat));
    auto expected = config.task == "change" ? scores.exp()
                    : config.multi_label    ? at::sigmoid(scores)
                                            : at::softmax(scores, 1);
    if (expected.dim() == 2) expected = expected.view({1, -1, 1, 1}).expand({1, -1, 32, 32});
    const auto ours = at::from_blob(out[1].values.data(), {1, config.classes, 32, 32}, at::kFloat);
    EXPECT_LE((ours - expected).abs().max().item<float>(), 1e-6F);
}

INSTANTIATE_TEST_SUITE_P(Every, SpectralGptRunner,
                         testing::Values(R"("task": "segmentation", "classes": 5)", R"("task": "change")",
                                         R"("task": "classification", "classes": 3)",
                                         R"("task": "classification", "classes": 3, "multi_label": true)"));

TEST_P(SpectralGptRunner, InBfloat16ItGivesNearlyTheSame) {
    const auto network = network_of(GetParam());
    const Cube cube = random_cube({-8, 16, 32, 32}, network->config().input_bands(), 1);
    std::vector<Prediction> full(1), low(1), again(1);
    make_tile_model(network)->start()->predict({&cube, 1}, full, one_by_one);
    const auto model = make_tile_model(network, Precision::bfloat16);
    model->start()->predict({&cube, 1}, low, one_by_one);
    model->start()->predict({&cube, 1}, again, one_by_one);
    EXPECT_EQ(low[0].values, again[0].values);
    EXPECT_NE(low[0].values, full[0].values);
    double worst = 0;
    for (std::size_t i = 0; i < full[0].values.size(); ++i)
        worst = std::max(worst, std::abs(double{low[0].values[i]} - full[0].values[i]));
    EXPECT_LE(worst, 0.02);
}

TEST(SpectralGptTiles, RefusesAWindowOfAnotherSize) {
    const auto runner = make_tile_model(network_of(R"("task": "segmentation")"))->start();
    Cube cube;
    cube.reset({0, 0, 16, 32}, 12);
    std::vector<Prediction> out(1);
    EXPECT_THROW(runner->predict({&cube, 1}, out, {}), Error);
}

}  // namespace
}  // namespace spectile::networks
