#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/entries/registry.hpp"
#include "models/entries/spectral_gpt_config.hpp"
#include "spectile/error.hpp"
#include "support/card_refusal.hpp"

namespace spectile {
namespace {

using test::message_of;

using entries::parse_spectral_gpt;
using testing::HasSubstr;

ModelCard card_of(Task task, const std::string& parameters = "{}", std::size_t bands = 0) {
    ModelCard card;
    card.file = "m/model.yaml";
    card.architecture = "spectral_gpt";
    card.task = task;
    card.parameters = parameters;
    card.bands.resize(bands);
    return card;
}

TEST(SpectralGptEntry, DenseModelsOverlapByAQuarterAndAreBlended) {
    const auto traits = traits_of(card_of(Task::segmentation, "{}", 12));
    EXPECT_EQ(traits.task, Task::segmentation);
    EXPECT_EQ(traits.channels, 13);
    EXPECT_EQ(traits.tile, 96);
    EXPECT_EQ(traits.halo, 16);
    EXPECT_TRUE(traits.fixed_tile);
    EXPECT_FALSE(traits.local);
    EXPECT_EQ(traits.blend, Blend::feather);
    auto card = card_of(Task::change, R"({"side": 96})", 24);
    EXPECT_EQ(traits_of(card).channels, 2);
    EXPECT_EQ(traits_of(card).tile, 72);
    card.halo = 0;
    EXPECT_EQ(traits_of(card).tile, 96) << "tiles side by side, as published";
    EXPECT_EQ(traits_of(card).blend, Blend::none);
}

TEST(SpectralGptEntry, AClassificationGivesOneLabelToATile) {
    auto card = card_of(Task::classification, R"({"classes": 10})");
    const auto traits = traits_of(card);
    EXPECT_EQ(traits.channels, 10);
    EXPECT_EQ(traits.tile, 128);
    EXPECT_EQ(traits.halo, 0);
    EXPECT_EQ(traits.blend, Blend::none);
    card.halo = 8;
    EXPECT_THAT(message_of(card), HasSubstr("halo: must be 0"));
}

TEST(SpectralGptEntry, TaskBandsAndClassesMustAgreeWithTheCard) {
    EXPECT_THAT(message_of(card_of(Task::change, "{}", 12)),
                HasSubstr("parameters.bands: asks for 24, but the card lists 12 bands"));
    auto appended = card_of(Task::segmentation, "{}", 10);
    EXPECT_THAT(message_of(appended), HasSubstr("the card lists 10 bands"));
    appended.prepare.emplace_back().name = "append_mean";
    EXPECT_EQ(message_of(appended), "accepted");
    EXPECT_THAT(message_of(card_of(Task::detection)), HasSubstr("task: spectral_gpt does"));
    EXPECT_THAT(message_of(card_of(Task::change, R"({"task": "segmentation"})")),
                HasSubstr("parameters.task: is segmentation, but the card's task is change"));
    EXPECT_THAT(message_of(card_of(Task::bands, R"({"task": "pretraining"})")), HasSubstr("fine-tune"));
    EXPECT_THAT(message_of(card_of(Task::classification)), HasSubstr("parameters.classes: is missing"));
    auto card = card_of(Task::segmentation, R"({"classes": 4})");
    card.classes.resize(5);
    EXPECT_THAT(message_of(card), HasSubstr("asks for 4, but the card lists 5 classes"));
    card.parameters = "{}";
    EXPECT_EQ(traits_of(card).channels, 5) << "left out, they follow from the card's list";
}

TEST(SpectralGptEntry, RefusesWhatCannotBe) {
    for (const auto& [keys, said] :
         {std::pair{R"({"side": 100})", "side: must be a multiple of the patch, 8, not 100"},
          {R"({"bands": 13})", "bands: must be a multiple of the group, 3, not 13"},
          {R"({"heads": 7})", "embed: must be a multiple of the heads, 7, not 768"},
          {R"({"patch": 16})", "patch: must be 8"},
          {R"({"head_channels": 100})", "head_channels: must be a multiple of 128, not 100"},
          {R"({"head_width": 100})", "head_width: must be a multiple of 16, not 100"},
          {R"({"mask_ratio": 1})", "mask_ratio"},
          {R"({"pos_embed": "full"})", "pos_embed: must be separable for task segmentation"},
          {R"({"multi_label": true})", "multi_label: is for task classification"},
          {R"({"size": "giant"})", "size: must be one of base, large, huge"},
          {R"({"depths": 3})", "depths: is unknown"}})
        EXPECT_THAT(message_of(card_of(Task::segmentation, keys)), HasSubstr(said)) << keys;
    EXPECT_THAT(message_of(card_of(Task::change, R"({"classes": 3})")), HasSubstr("classes: must be 2"));
    auto card = card_of(Task::segmentation);
    card.halo = 64;
    EXPECT_THAT(message_of(card), HasSubstr("halo: leaves nothing"));
    card.halo = 16;
    card.tile = 128;
    EXPECT_THAT(message_of(card), HasSubstr("tile: follows from"));
}

TEST(SpectralGptEntry, PublishedSizesHaveTheirNumbers) {
    const auto config = [](const std::string& json) { return parse_spectral_gpt(json, "test"); };
    EXPECT_EQ(config(R"({"size": "large"})").depth, 24);
    EXPECT_EQ(config(R"({"size": "huge"})").embed, 1280);
    EXPECT_EQ(config(R"({"size": "huge", "depth": 2})").depth, 2) << "single keys count more";
    // Specification, sections 10 and 11.1; the head's 26.9 GFLOP less what its savings spare.
    EXPECT_NEAR(config("{}").parameter_count(), 109'244'946, 1e5);
    EXPECT_NEAR(config(R"({"task": "classification", "classes": 10})").parameter_count(), 85'411'594, 1e5);
    EXPECT_NEAR(config(R"({"task": "classification", "classes": 10})").macs_per_pixel() * 2 * 16384, 212.9e9,
                1e9);
    EXPECT_NEAR(config("{}").macs_per_pixel() * 2 * 16384, 212.9e9 + 21.2e9, 1e9);
    EXPECT_NEAR(config(R"({"task": "change"})").macs_per_pixel() * 2 * 16384, 425.8e9 + 20.4e9, 1e9);
}

TEST(SpectralGptEntry, StoredConfigurationReadsBack) {
    const auto config = parse_spectral_gpt(
        R"({"task": "classification", "classes": 19, "side": 96, "pos_embed": "full", "multi_label": true,
            "legacy_pool": false, "mask_ratio": 0.75})",
        "test");
    EXPECT_EQ(parse_spectral_gpt(to_json(config), "test"), config);
}

}  // namespace
}  // namespace spectile
