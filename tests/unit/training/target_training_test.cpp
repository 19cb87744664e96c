#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "kernels/flush_denormals.hpp"
#include "models/networks/network.hpp"
#include "spectile/error.hpp"
#include "training/optimiser.hpp"
#include "training/target_crops.hpp"
#include "training/target_fit.hpp"
#include "training/target_repeats.hpp"
#include "training/target_scores.hpp"
#include "unit/training/target_example.hpp"

namespace spectile::training {
namespace {

std::vector<float> weights_of(networks::Network& network) {
    std::vector<float> all;
    for (const auto& named : network.tensors()) {
        const auto values = values_of(named.tensor);
        all.insert(all.end(), values.begin(), values.end());
    }
    return all;
}

class TargetTraining : public testing::Test {
protected:
    TargetTraining()
        : checkpoint_((std::filesystem::temp_directory_path() /
                       ("spectile-targets-" + std::to_string(getpid()) + ".safetensors"))
                          .string()) {
        std::filesystem::remove(checkpoint_);
    }
    ~TargetTraining() override { std::filesystem::remove(checkpoint_); }
    std::string checkpoint_;
};

TEST_F(TargetTraining, CutOffAndResumedGivesTheSameBytes) {
    const auto data = target_images();
    for (const char* optimiser : {"adagrad", "adamw"}) {
        std::filesystem::remove(checkpoint_);
        const auto recipe = target_recipe_of(R"(, "optimiser": ")" + std::string(optimiser) + '"');
        const auto whole = networks::make_network("mim_istd", kTargetParameters, 1);
        fit_targets(*whole, data, recipe, {});
        int steps = 0;
        FitOptions options;
        options.checkpoint = checkpoint_;
        options.fingerprint = "f";
        options.stop = [&] { return ++steps == 4; };  // In the second of three epochs of two steps.
        const auto first = networks::make_network("mim_istd", kTargetParameters, 1);
        EXPECT_THROW(fit_targets(*first, data, recipe, options), Error);
        options.stop = {};
        const auto second = networks::make_network("mim_istd", kTargetParameters, 1);
        const auto state = fit_targets(*second, data, recipe, options);
        EXPECT_EQ(state.history.size(), 3U);
        EXPECT_EQ(weights_of(*whole), weights_of(*second)) << optimiser;
    }
}

TEST_F(TargetTraining, AnotherDefinitionsCheckpointIsRefused) {
    const auto data = target_images();
    FitOptions options;
    options.checkpoint = checkpoint_;
    options.fingerprint = "one";
    fit_targets(*networks::make_network("mim_istd", kTargetParameters, 1), data,
                target_recipe_of(R"(, "validate_every": 9)"), options);
    options.fingerprint = "other";
    try {
        fit_targets(*networks::make_network("mim_istd", kTargetParameters, 1), data, target_recipe_of(""),
                    options);
        FAIL() << "nothing was thrown";
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Code::definition);
        EXPECT_THAT(e.what(), testing::HasSubstr("another definition"));
    }
}

TEST_F(TargetTraining, LearnsBrightTargetsInNoise) {
    const auto data = target_images();
    const auto network = networks::make_network("mim_istd", kTargetParameters, 3);
    auto recipe = target_recipe_of(R"(, "target_share": 0.9)");
    recipe.common.epochs = 30;
    recipe.validate_every = 30;
    const auto state = fit_targets(*network, data, recipe, {});
    EXPECT_LT(state.history.back().loss, 0.6 * state.history.front().loss);
    EXPECT_GT(state.history.back().iou, 0.3);
}

TEST(TargetCrops, MirrorsBeyondTheEdgeAndCarriesTheTruthAlong) {
    const auto image = image_of(5, Role::training, 20, 17);
    const auto recipe = target_recipe_of(R"(, "target_share": 1)");
    std::vector<float> pixels(32 * 32), truth(32 * 32);
    for (std::uint64_t draw = 0; draw < 20; ++draw) {
        cut_crop(image, 32, recipe, Random(draw, Purpose::augmentation, {}), pixels, truth);
        for (std::size_t i = 0; i < pixels.size(); ++i)
            ASSERT_EQ(truth[i], pixels[i] > 1.5F ? 1.0F : 0.0F) << draw;
    }
    EXPECT_EQ(mirrored(-1, 5), 1);
    EXPECT_EQ(mirrored(5, 5), 3);
    EXPECT_EQ(mirrored(13, 5), 3);
    EXPECT_EQ(mirrored(7, 1), 0);
}

TEST(TargetCrops, HoldATargetWhereTheyMust) {
    const auto image = image_of(6, Role::training, 200, 150);
    const auto recipe = target_recipe_of(R"(, "target_share": 1)");
    std::vector<float> pixels(32 * 32), truth(32 * 32);
    for (std::uint64_t draw = 0; draw < 50; ++draw) {
        cut_crop(image, 32, recipe, Random(draw, Purpose::augmentation, {}), pixels, truth);
        EXPECT_GT(std::count(truth.begin(), truth.end(), 1.0F), 0) << draw;
    }
}

TEST(TargetCrops, ScaleMagnifiesTargetsByUpToItsFactor) {
    const auto image = image_of(6, Role::training, 200, 150);  // The target has 25 pixels.
    const auto recipe = target_recipe_of(R"(, "target_share": 1, "scale": 2)");
    std::vector<float> pixels(64 * 64), truth(64 * 64);
    std::ptrdiff_t least = 1000, most = 0;
    for (std::uint64_t draw = 0; draw < 60; ++draw) {
        cut_crop(image, 64, recipe, Random(draw, Purpose::augmentation, {}), pixels, truth);
        const auto marked = std::count(truth.begin(), truth.end(), 1.0F);
        for (std::size_t i = 0; i < pixels.size(); ++i)
            ASSERT_TRUE(truth[i] == 0 || pixels[i] > 1) << draw;  // Bright and marked stay together.
        least = std::min(least, marked);
        most = std::max(most, marked);
    }
    EXPECT_LT(least, 12);
    EXPECT_GT(most, 70);
    EXPECT_LE(most, 100);
}

class TargetRepeats : public testing::Test {
protected:
    static constexpr int kSide = 64;
    /// A blurred target of 21 pixels on a ground that rises to the right.
    TargetRepeats() : pixels(kSide * kSide), truth(kSide * kSide) {
        for (int row = 0; row < kSide; ++row)
            for (int col = 0; col < kSide; ++col) {
                const int away = (row - 20) * (row - 20) + (col - 30) * (col - 30);
                const auto at = static_cast<std::size_t>(row * kSide + col);
                pixels[at] = ground(col) + std::exp(-static_cast<float>(away) / 8.0F);
                truth[at] = away <= 6 ? 1 : 0;
            }
    }
    static float ground(int col) { return 0.002F * static_cast<float>(col); }
    std::ptrdiff_t marked() const { return std::count(truth.begin(), truth.end(), 1.0F); }

    std::vector<float> pixels, truth;
};

TEST_F(TargetRepeats, AreSetInWithTheirTruthAndNowhereElse) {
    const auto before = pixels, truth_alone = truth;
    const auto alone = marked();
    const float most = *std::max_element(before.begin(), before.end());
    std::set<std::ptrdiff_t> counts;
    for (std::uint64_t draw = 0; draw < 40; ++draw) {
        pixels = before;
        truth = truth_alone;
        Random random(draw, Purpose::augmentation, {});
        repeat_target(pixels, truth, kSide, random);
        counts.insert(marked() / alone);
        ASSERT_EQ(marked() % alone, 0) << "a target was cut or meets another one";
        for (int i = 0; i < kSide * kSide; ++i) {
            const auto at = static_cast<std::size_t>(i);
            ASSERT_LE(pixels[at], most);
            const float above = pixels[at] - ground(i % kSide);
            ASSERT_TRUE(truth[at] != 0 ? above > 0.25F : above < 0.6F) << draw;
        }
    }
    EXPECT_EQ(counts, (std::set<std::ptrdiff_t>{2, 3, 4}));
}

TEST_F(TargetRepeats, NothingIsDoneWithoutATargetOrWithALargeOne) {
    const auto before = pixels;
    Random random(1, Purpose::augmentation, {});
    std::fill(truth.begin(), truth.end(), 0.0F);
    repeat_target(pixels, truth, kSide, random);
    EXPECT_EQ(pixels, before);
    for (int col = 10; col < 40; ++col) truth[static_cast<std::size_t>(5 * kSide + col)] = 1;
    repeat_target(pixels, truth, kSide, random);
    EXPECT_EQ(pixels, before);
    EXPECT_EQ(marked(), 30);
}

TEST(FlushDenormals, TinyProductsAreNothingWhileItLives) {
    volatile float tiny = 1e-30F, product = 0;
    const auto multiply = [&] {
        product = tiny * 1e-10F;
        return product == 0;
    };
    EXPECT_FALSE(multiply());
    {
        const kernels::FlushDenormals flushed;
        EXPECT_TRUE(multiply());
    }
    EXPECT_FALSE(multiply());
}

TEST(TargetScores, WholeImagesHaveTheLogitsOfTheOneTileThatFits) {
    const auto network = networks::make_network("mim_istd", kTargetParameters, 1);
    const auto image = image_of(7, Role::test, 32, 32);
    const auto whole = target_logits(*network, image, 8);
    auto wide = image_of(8, Role::test, 75, 32);
    const auto blended = target_logits(*network, wide, 8);
    EXPECT_EQ(whole.size(), 32U * 32U);
    for (const float logit : blended) ASSERT_TRUE(std::isfinite(logit));
    // The first tile alone speaks for its first columns.
    TargetImage left;
    left.width = left.height = 32;
    for (int row = 0; row < 32; ++row)
        for (int col = 0; col < 32; ++col)
            left.values.push_back(wide.values[static_cast<std::size_t>(row * 75 + col)]);
    const auto alone = target_logits(*network, left, 8);
    for (int row = 0; row < 32; ++row)
        for (int col = 0; col < 24; ++col)
            ASSERT_NEAR(blended[static_cast<std::size_t>(row * 75 + col)],
                        alone[static_cast<std::size_t>(row * 32 + col)], 1e-5);
}

}  // namespace
}  // namespace spectile::training
