#include "training/layer_decay.hpp"

#include <ATen/ops/ones.h>
#include <gtest/gtest.h>

#include <cmath>

#include "training/optimiser.hpp"
#include "training/schedule.hpp"

namespace spectile::training {
namespace {

TEST(LayerDecay, GroupsAsPublished) {
    const auto power = [](int exponent) { return std::pow(0.75, exponent); };
    // Base has 12 blocks: 14 groups, the first with 0.75^13.
    EXPECT_DOUBLE_EQ(rate_scale("patch_embed.proj.weight", 12, 0.75), power(13));
    EXPECT_DOUBLE_EQ(rate_scale("pos_embed", 12, 0.75), power(13));
    EXPECT_DOUBLE_EQ(rate_scale("cls_token", 12, 0.75), power(13));
    EXPECT_DOUBLE_EQ(rate_scale("blocks.0.attn.q.weight", 12, 0.75), power(12));
    EXPECT_DOUBLE_EQ(rate_scale("blocks.9.mlp.fc1.bias", 12, 0.75), power(3));
    EXPECT_DOUBLE_EQ(rate_scale("blocks.11.norm1.weight", 12, 0.75), power(1));
    for (const char* last :
         {"pos_embed_spatial", "pos_embed_temporal", "norm.weight", "head.bias", "fc.0.weight"})
        EXPECT_DOUBLE_EQ(rate_scale(last, 12, 0.75), 1) << last;
}

TEST(LayerDecay, ScalesStepAndWeightDecay) {
    const auto make = [](double scale, double rate) {
        AdamW optimiser({{"w", at::ones({3}), true, true}}, 0.1);
        optimiser.rate_scales = {scale};
        optimiser.step({at::ones({3})}, rate);
        return values_of(optimiser.parameters()[0].tensor)[0];
    };
    EXPECT_EQ(make(0.25, 0.4), make(1, 0.1));
    EXPECT_NE(make(0.25, 0.4), make(1, 0.4));
}

TEST(Schedules, OfSegmentationAndChange) {
    Recipe recipe;
    recipe.epochs = 10;
    recipe.learning_rate = 2;
    recipe.final_learning_rate = 0;
    recipe.schedule = "polynomial";
    EXPECT_DOUBLE_EQ(learning_rate(recipe, 10, 111, 10), 2);
    EXPECT_DOUBLE_EQ(learning_rate(recipe, 60, 111, 10), 2 * std::pow(0.5, 0.9));
    EXPECT_DOUBLE_EQ(learning_rate(recipe, 110, 111, 10), 0);
    recipe.schedule = "exponential";
    EXPECT_DOUBLE_EQ(learning_rate(recipe, 9, 100, 0), 2) << "the first epoch of ten steps";
    EXPECT_DOUBLE_EQ(learning_rate(recipe, 10, 100, 0), 2 * 0.95);
    EXPECT_DOUBLE_EQ(learning_rate(recipe, 99, 100, 0), 2 * std::pow(0.95, 9));
}

}  // namespace
}  // namespace spectile::training
