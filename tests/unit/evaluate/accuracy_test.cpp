#include "evaluate/accuracy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "spectile/error.hpp"

namespace spectile::evaluate {
namespace {

using testing::DoubleEq;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

std::vector<ClassInfo> three_classes() { return {{1, "water", {}}, {2, "soil", {}}, {3, "tree", {}}}; }

/// Truth by row, map by column: 50 10 0 / 5 30 5 / 0 0 20.
Confusion worked_example() {
    Confusion confusion(three_classes());
    confusion.add(1, 1, 50);
    confusion.add(1, 2, 10);
    confusion.add(2, 1, 5);
    confusion.add(2, 2, 30);
    confusion.add(2, 3, 5);
    confusion.add(3, 3, 20);
    return confusion;
}

TEST(Accuracy, AgreesWithAnExampleWorkedByHand) {
    const Accuracy a = worked_example().accuracy();
    EXPECT_EQ(a.count, 120U);
    EXPECT_THAT(a.overall, DoubleEq(100.0 / 120));
    EXPECT_THAT(a.average, DoubleNear((50.0 / 60 + 30.0 / 40 + 1) / 3, 1e-15));
    const double chance = (60.0 * 55 + 40.0 * 40 + 20.0 * 25) / (120.0 * 120);
    EXPECT_THAT(a.kappa, DoubleNear((100.0 / 120 - chance) / (1 - chance), 1e-14));
    EXPECT_THAT(a.mean_iou, DoubleNear((50.0 / 65 + 30.0 / 50 + 20.0 / 25) / 3, 1e-15));
    EXPECT_THAT(a.per_class[0].precision, Optional(DoubleEq(50.0 / 55)));
    EXPECT_THAT(a.per_class[2].f1, Optional(DoubleEq(40.0 / 45)));
    EXPECT_THAT(a.confusion[1], ElementsAre(5, 30, 5));
}

TEST(Accuracy, AverageLeavesOutClassesWithoutTruthAndIoULeavesOutClassesNobodyNames) {
    Confusion confusion(three_classes());
    confusion.add(1, 1, 9);
    confusion.add(1, 2, 1);
    const Accuracy a = confusion.accuracy();
    EXPECT_DOUBLE_EQ(a.average, 0.9);
    EXPECT_DOUBLE_EQ(a.mean_iou, 0.45);
    EXPECT_FALSE(a.per_class[1].recall);
    EXPECT_FALSE(a.per_class[2].iou);
}

TEST(Accuracy, AValueOutsideTheClassesCountsAsWrong) {
    Confusion confusion(three_classes());
    confusion.add(1, 1, 3);
    confusion.add(9, 1, 1);
    const Accuracy a = confusion.accuracy();
    EXPECT_DOUBLE_EQ(a.overall, 0.75);
    EXPECT_EQ(a.per_class.back().value, 9);
    EXPECT_EQ(a.per_class.back().name, "class 9");
}

TEST(Accuracy, KappaOfChanceIsZeroAndOfOneSharedClassIsOne) {
    Confusion chance;
    for (const int truth : {1, 2})
        for (const int map : {1, 2}) chance.add(truth, map, 25);
    EXPECT_NEAR(chance.accuracy().kappa, 0, 1e-15);
    Confusion single;
    single.add(4, 4, 7);
    EXPECT_EQ(single.accuracy().kappa, 1);
}

TEST(Accuracy, SumsOfPartsEqualTheWhole) {
    Confusion sum = worked_example();
    sum.add(worked_example());
    EXPECT_EQ(sum.accuracy().count, 240U);
    EXPECT_DOUBLE_EQ(sum.accuracy().kappa, worked_example().accuracy().kappa);
}

TEST(Accuracy, JsonHasTheKeysOfTheContract) {
    Confusion confusion(three_classes());
    confusion.add(1, 1, 2);
    confusion.add_unpredicted(4);
    const auto json = nlohmann::json::parse(to_json(confusion.accuracy()));
    for (const auto* key :
         {"overall_accuracy", "average_accuracy", "kappa", "mean_iou", "per_class", "confusion"})
        EXPECT_TRUE(json.contains(key)) << key;
    EXPECT_EQ(json["per_class"][0]["name"], "water");
    EXPECT_EQ(json["per_class"][0]["support"], 2);
    EXPECT_EQ(json["per_class"][0]["recall"], 1.0);
    EXPECT_TRUE(json["per_class"][1]["recall"].is_null());
    EXPECT_EQ(json["unpredicted"], 4);
}

TEST(Accuracy, TextNamesEveryClassAndSaysWhatWasNotCounted) {
    Confusion confusion = worked_example();
    confusion.add_unpredicted(4);
    const auto text = to_text(confusion.accuracy());
    EXPECT_THAT(text, HasSubstr("overall accuracy 0.8333"));
    EXPECT_THAT(text, HasSubstr("soil"));
    EXPECT_THAT(text, HasSubstr("4 labelled pixels have no prediction"));
}

TEST(Accuracy, NothingCountedIsAnErrorThatSaysWhatToCheck) {
    Confusion confusion(three_classes());
    confusion.add_unpredicted(4);
    try {
        (void)confusion.accuracy();
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::scene);
        EXPECT_THAT(error.what(), HasSubstr("no pixel has both"));
    }
}

}  // namespace
}  // namespace spectile::evaluate
