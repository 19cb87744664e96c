// What a network that labels images is shown, and what it learns from it.
#include "training/patch_lessons.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/stack.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "labelled_patches.hpp"
#include "models/networks/spectral_gpt/losses.hpp"
#include "support/golden_file.hpp"
#include "training/optimiser.hpp"
#include "training/patch_mixing.hpp"
#include "training/patch_view.hpp"
#include "training/without_one_dnn.hpp"

namespace spectile::training {
namespace {

Cube cube_of(const at::Tensor& values) {
    Cube cube;
    cube.reset({0, 0, values.size(2), values.size(1)}, static_cast<int>(values.size(0)));
    const auto from = values_of(values.contiguous());
    cube.values.assign(from.begin(), from.end());
    return cube;
}

TEST(PatchView, TheWholePatchOfTheNetworksSideIsShownAsItIs) {
    const auto patch = at::rand({3, 16, 16});
    EXPECT_TRUE(centre_view(cube_of(patch), 16, 1).equal(patch));
    Random random(1, Purpose::augmentation, {});
    EXPECT_TRUE(random_view(cube_of(patch), 16, 1, random).equal(patch));
}

TEST(PatchView, RandomViewsKeepToTheirShareAndDifferFromDrawToDraw) {
    // Values are columns and rows, so that a view says what it shows.
    Cube cube = cube_of(at::full({2, 60, 80}, 0.0F));
    for (int y = 0; y < 60; ++y)
        for (int x = 0; x < 80; ++x) {
            cube.values[static_cast<std::size_t>(y * 80 + x)] = static_cast<float>(x);
            cube.values[static_cast<std::size_t>(4800 + y * 80 + x)] = static_cast<float>(y);
        }
    double smallest = 1, largest = 0;
    for (std::uint64_t n = 0; n < 300; ++n) {
        Random random(1, Purpose::augmentation, {n}), same(1, Purpose::augmentation, {n});
        const auto view = random_view(cube, 16, 0.3, random);
        EXPECT_TRUE(view.equal(random_view(cube, 16, 0.3, same)));
        // 15 of 16 steps lie between the first and the last column; rims are flattened a little.
        const double width = (view[0][8][12] - view[0][8][4]).item<double>() * 2,
                     height = (view[1][12][8] - view[1][4][8]).item<double>() * 2;
        const double share = width * height / 4800;
        smallest = std::min(smallest, share);
        largest = std::max(largest, share);
        EXPECT_LT(width / height, 1.45);
        EXPECT_GT(width / height, 0.69);
    }
    EXPECT_NEAR(smallest, 0.3, 0.04);
    EXPECT_GT(largest, 0.9);
    EXPECT_LT(largest, 1.02);
}

TEST(PatchView, TheCentreIsThatOfThePublishedTransform) {
    if (test::golden_absent()) GTEST_SKIP() << test::golden_root() << " is not there; set SPECTILE_GOLDEN";
    const auto file = test::read_golden(test::golden_root() / "spectralgpt" / "preprocess_small.safetensors");
    const auto& patch = file.at("out.ben_finetune");
    Cube cube;
    cube.reset({0, 0, patch.dim(2), patch.dim(1)}, static_cast<int>(patch.dim(0)));
    cube.values = patch.values;
    const auto view = centre_view(cube, 128, 0.875);
    EXPECT_LT(test::golden_error(values_of(view), file.at("out.ben_finetune_eval_resize146_crop128")), 1e-5);
}

TEST(Mixing, NumbersOfTheBetaDistributionHaveItsMoments) {
    for (const double alpha : {0.2, 0.8, 1.0, 4.0}) {
        Random random(3, Purpose::mixing, {});
        double sum = 0, squares = 0;
        constexpr int kCount = 20000;
        for (int i = 0; i < kCount; ++i) {
            const double value = draw_beta(alpha, random);
            ASSERT_TRUE(value >= 0 && value <= 1) << value;
            sum += value;
            squares += (value - 0.5) * (value - 0.5);
        }
        EXPECT_NEAR(sum / kCount, 0.5, 0.01) << alpha;
        const double variance = 1 / (4 * (2 * alpha + 1));
        EXPECT_NEAR(squares / kCount, variance, 0.04 * variance) << alpha;
    }
}

TEST(Mixing, AShareIsWhatIsLeftOfThePatch) {
    const auto ones = at::full({2, 32, 32}, 1.0F), zeros = at::full({2, 32, 32}, 0.0F);
    GptRecipe recipe;
    recipe.mixup = 0.8;
    recipe.cutmix = 1;
    int boxed = 0;
    for (std::uint64_t n = 0; n < 200; ++n) {
        Random random(1, Purpose::mixing, {n});
        const auto mixing = draw_mixing(recipe, 32, random);
        const auto image = mixed(ones, zeros, mixing);
        EXPECT_NEAR(image.mean().item<double>(), mixing.share, 1e-6);
        const bool has_box = image.eq(0).logical_or(image.eq(1)).all().item<bool>();
        EXPECT_EQ(has_box, mixing.boxed || mixing.share == 1) << n;
        boxed += mixing.boxed;
    }
    EXPECT_NEAR(boxed, 100, 25);
    Random random(1, Purpose::mixing, {});
    EXPECT_EQ(draw_mixing({}, 32, random).share, 1);
}

TEST(Mixing, SmoothedTargetsAreThoseOfThePublishedTraining) {
    EXPECT_EQ(smoothed_target(1, 2, 0), (std::vector<float>{0, 1}));
    const auto target = smoothed_target(2, 4, 0.1);
    EXPECT_FLOAT_EQ(target[0], 0.025F);
    EXPECT_FLOAT_EQ(target[2], 0.925F);
}

/// Loss and gradients of a batch must be those of the whole batch at once, mixed with itself in reverse.
class PatchBatch : public testing::TestWithParam<bool> {};

TEST_P(PatchBatch, IsTheMeanOverItsPatches) {
    const WithoutOneDnn without;
    const bool multi_label = GetParam();
    const TestFolder folder;
    const auto t = patches_in(folder, multi_label);
    auto list = PatchList::open(t, multi_label);
    ModelCard card;
    for (const char* name : {"a", "b", "c", "d", "e", "f"}) card.bands.push_back({name, {}, {}});
    card.matching.by = "name";
    PatchSource source(list, card);
    auto parameters = std::string(t.parameters);
    parameters.insert(1, R"("task": "classification", "bands": 6, "classes": 3, )");
    networks::SpectralGpt network(entries::parse_spectral_gpt(parameters, "test"), 4);
    GptRecipe recipe;
    recipe.crop_scale = 1;
    recipe.common.label_smoothing = multi_label ? 0 : 0.1;
    if (!multi_label) recipe.mixup = 0.8;
    PatchLessons lessons(network, {source, recipe, 7, {}});
    lessons.begin(1);
    const std::size_t count = 5;
    const auto result = lessons.learn(0, count, {});

    const auto training = list.with_role(Role::training);
    const auto order = shuffled(training.size(), Random(7, Purpose::order, {1}));
    Random random(7, Purpose::mixing, {1, 0});
    const auto mixing = draw_mixing(recipe, 16, random);
    std::vector<at::Tensor> images, targets;
    for (std::size_t k = 0; k < count; ++k) {
        const auto patch = training[order[k]];
        images.push_back(centre_view(*source.read(patch), 16, 1));
        std::vector<float> target(3, 0.0F);
        for (const int c : list[patch].classes) target[static_cast<std::size_t>(c)] = 1;
        if (!multi_label) target = smoothed_target(list[patch].classes.front(), 3, 0.1);
        targets.push_back(at::full({3}, 0.0F));
        std::copy(target.begin(), target.end(), values_of(targets.back()).begin());
    }
    auto x = at::stack(images), y = at::stack(targets);
    if (!multi_label) {
        ASSERT_FALSE(mixing.boxed);
        ASSERT_LT(mixing.share, 1);
        x = x * mixing.share + x.flip(0) * (1 - mixing.share);
        y = y * mixing.share + y.flip(0) * (1 - mixing.share);
    }
    const auto logits = network.forward(x);
    const auto loss =
        multi_label ? networks::multi_label_loss(logits, y) : networks::soft_target_loss(logits, y);
    EXPECT_NEAR(result.loss, loss.item<double>(), 1e-5);
    std::vector<at::Tensor> inputs;
    for (const auto& p : trainable(network.tensors())) inputs.push_back(p.tensor);
    const auto expected = torch::autograd::grad({loss}, inputs);
    for (std::size_t i = 0; i < inputs.size(); ++i)
        EXPECT_LE((result.gradients[i] - expected[i]).abs().max().item<float>(),
                  1e-6F + 2e-4F * expected[i].abs().max().item<float>())
            << i;
}

INSTANTIATE_TEST_SUITE_P(Labels, PatchBatch, testing::Bool(),
                         [](const auto& test) { return test.param ? "Several" : "One"; });

}  // namespace
}  // namespace spectile::training
