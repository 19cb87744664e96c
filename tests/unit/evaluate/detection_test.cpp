#include "evaluate/detection.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "products/components.hpp"

namespace spectile::evaluate {
namespace {

/// '#' is marked.
std::vector<std::uint8_t> marks(const std::string& rows) {
    std::vector<std::uint8_t> out;
    for (const char c : rows)
        if (c == '#' || c == '.') out.push_back(c == '#');
    return out;
}

TEST(Components, TouchingByACornerIsOne) {
    const auto found = products::components_of(marks("#..#"
                                                     ".#.."
                                                     "...#"),
                                               4);
    ASSERT_EQ(found.list.size(), 3U);
    EXPECT_EQ(found.list[0].area, 2);
    EXPECT_DOUBLE_EQ(found.list[0].row, 0.5);
    EXPECT_DOUBLE_EQ(found.list[1].col, 3);
    EXPECT_EQ(found.labels[0], found.labels[5]);
}

TEST(Detection, CountsMatchesAndFalsePixelsByHand) {
    const auto truth = marks(
        "##........"
        "##........"
        "..........");
    const auto found = marks(
        ".#......##"
        "##......##"
        "..........");
    const auto d = measure(found, truth, 10);
    EXPECT_EQ(d.targets, 1);
    EXPECT_EQ(d.matched, 1);
    EXPECT_EQ(d.false_pixels, 4);
    EXPECT_DOUBLE_EQ(d.iou(), 3.0 / 8);
    EXPECT_DOUBLE_EQ(d.niou(), 3.0 / 8);
    EXPECT_DOUBLE_EQ(d.fa(), 1e6 * 4 / 30);
    EXPECT_DOUBLE_EQ(d.legacy_fa(), 1e6 * 4 / 30);
}

TEST(Detection, OlderRuleDropsFalseTargetsOfAMatchedArea) {
    const auto truth = marks("#.......");
    const auto d = measure(marks("#......#"), truth, 8);
    EXPECT_EQ(d.false_pixels, 1);
    EXPECT_EQ(d.legacy_false_pixels, 0);
}

TEST(Detection, ThreePixelsAwayIsNoMatch) {
    EXPECT_EQ(measure(marks("...#"), marks("#..."), 4).matched, 0);
    EXPECT_EQ(measure(marks("..#."), marks("#..."), 4).matched, 1);
}

TEST(Detection, EmptyImagesAreCountedAndHaveNoPd) {
    const auto d = measure(marks("...."), marks("...."), 4);
    EXPECT_EQ(d.empty_images, 1);
    EXPECT_TRUE(std::isnan(d.pd()));
    EXPECT_NE(to_json(d).find("\"pd\":null"), std::string::npos);
}

TEST(Roc, FallsFromAllToNoneAndRanksPerfectScoresAtOne) {
    Roc roc(10);
    const std::vector<float> scores = {0.05F, 0.15F, 0.85F, 1.0F};
    roc.add(scores, marks("..##"));
    const auto points = roc.points();
    ASSERT_EQ(points.size(), 11U);
    EXPECT_DOUBLE_EQ(points.front().true_positive_rate, 1);
    EXPECT_DOUBLE_EQ(points.front().false_positive_rate, 1);
    EXPECT_DOUBLE_EQ(points[2].false_positive_rate, 0);
    EXPECT_DOUBLE_EQ(points[8].true_positive_rate, 1);
    EXPECT_DOUBLE_EQ(points[9].true_positive_rate, 0.5);
    EXPECT_DOUBLE_EQ(points.back().true_positive_rate, 0);
    EXPECT_DOUBLE_EQ(roc.area(), 1);
}

}  // namespace
}  // namespace spectile::evaluate
