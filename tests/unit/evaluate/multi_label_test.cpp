#include "evaluate/multi_label.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "spectile/error.hpp"

namespace spectile::evaluate {
namespace {

const std::vector<ClassInfo> kTwo = {{1, "water", {}}, {5, "forest", {}}};

TEST(AveragePrecision, SumsPrecisionOverTheGainsOfRecall) {
    // From the highest: right (1/1), wrong, right (2/3), wrong.
    EXPECT_DOUBLE_EQ(*average_precision({0.1F, 0.4F, 0.35F, 0.8F}, {0, 0, 1, 1}), 0.5 * 1 + 0.5 * 2 / 3);
    EXPECT_DOUBLE_EQ(*average_precision({0.9F, 0.8F, 0.1F}, {1, 1, 0}), 1);
    EXPECT_DOUBLE_EQ(*average_precision({0.9F, 0.8F, 0.1F}, {0, 0, 1}), 1.0 / 3);
    EXPECT_FALSE(average_precision({0.9F, 0.8F}, {0, 0}));
}

TEST(AveragePrecision, EqualScoresAreOneStepInWhateverOrder) {
    EXPECT_DOUBLE_EQ(*average_precision({0.5F, 0.5F, 0.5F, 0.5F}, {1, 0, 0, 0}), 0.25);
    EXPECT_DOUBLE_EQ(*average_precision({0.5F, 0.5F, 0.5F, 0.5F}, {0, 0, 0, 1}), 0.25);
    EXPECT_DOUBLE_EQ(*average_precision({0.9F, 0.5F, 0.5F}, {1, 1, 0}), 0.5 * 1 + 0.5 * 2 / 3);
}

TEST(MultiLabel, MicroCountsEveryPairAndMacroEveryLabel) {
    // water: 0.9 right, 0.2 not there, 0.6 wrong; forest: 0.3 missed, 0.7 right, 0.1 not there.
    const auto a = measure_labels({0.9F, 0.3F, 0.2F, 0.7F, 0.6F, 0.1F}, {1, 1, 0, 1, 0, 0}, kTwo, 64);
    EXPECT_EQ(a.count, 3U);
    EXPECT_DOUBLE_EQ(*a.per_class[0].f1, 2.0 / 3);
    EXPECT_DOUBLE_EQ(*a.per_class[1].f1, 2.0 / 3);
    EXPECT_DOUBLE_EQ(*a.per_class[0].average_precision, 1);
    EXPECT_DOUBLE_EQ(*a.per_class[1].recall, 0.5);
    EXPECT_DOUBLE_EQ(a.macro_average_precision, 1);
    EXPECT_DOUBLE_EQ(a.micro_average_precision, (1 + 1 + 3.0 / 4) / 3) << "0.9, 0.7, (0.6,) 0.3";
    EXPECT_DOUBLE_EQ(a.micro_f1, 2.0 * 2 / (3 + 3));
    EXPECT_DOUBLE_EQ(a.legacy_map, a.micro_average_precision) << "one batch";
}

TEST(MultiLabel, TheLegacyFigureIsOfEachBatchByItself) {
    const auto a = measure_labels({0.9F, 0.3F, 0.2F, 0.7F, 0.6F, 0.1F}, {1, 1, 0, 1, 0, 0}, kTwo, 1);
    EXPECT_DOUBLE_EQ(a.legacy_map, (1 + 1 + 0) / 3.0) << "the third image has no label";
}

TEST(MultiLabel, LabelsThatNoImageHasAreInNoMean) {
    const auto a = measure_labels({0.9F, 0.8F, 0.2F, 0.1F}, {1, 0, 1, 0}, kTwo, 2);
    EXPECT_DOUBLE_EQ(a.macro_average_precision, 1);
    EXPECT_DOUBLE_EQ(a.macro_f1, 2.0 / 3);
    const auto json = nlohmann::json::parse(to_json(a));
    EXPECT_TRUE(json["per_class"][1]["average_precision"].is_null());
    EXPECT_EQ(json["per_class"][1]["name"], "forest");
    EXPECT_EQ(json["patches"], 2);
    EXPECT_THROW(measure_labels({0.9F, 0.8F}, {0, 0}, kTwo, 2), Error);
}

}  // namespace
}  // namespace spectile::evaluate
