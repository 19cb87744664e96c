#include "evaluate/area_estimate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace spectile::evaluate {
namespace {

using testing::HasSubstr;

/// The example of Olofsson et al. 2014, tables 8 and 9: 640 samples of a map of forest change.
Confusion published_samples() {
    Confusion confusion(
        {{1, "deforestation", {}}, {2, "forest gain", {}}, {3, "forest", {}}, {4, "other", {}}});
    constexpr std::uint64_t kCounts[4][4] = {// By class of the map, then of the truth.
                                             {66, 0, 5, 4},
                                             {0, 55, 8, 12},
                                             {1, 0, 153, 11},
                                             {2, 1, 9, 313}};
    for (int map = 0; map < 4; ++map)
        for (int truth = 0; truth < 4; ++truth)
            if (kCounts[map][truth] > 0) confusion.add(truth + 1, map + 1, kCounts[map][truth]);
    return confusion;
}
const std::map<int, double> kPublishedAreas = {{1, 18000}, {2, 13500}, {3, 288000}, {4, 580500}};  // ha

TEST(AreaEstimate, AgreesWithThePublishedExample) {
    const auto e = estimate_areas(published_samples(), kPublishedAreas, "ha");
    EXPECT_NEAR(e.overall.value, 0.947, 0.0005);
    EXPECT_NEAR(kNinetyFive * *e.overall.error, 0.018, 0.001);
    const double users[] = {0.88, 0.73, 0.93, 0.96}, users_half[] = {0.07, 0.10, 0.04, 0.02};
    const double producers[] = {0.75, 0.85, 0.93, 0.96},
                 producers_half[] = {0.212, 0.254, 0.034, 0.018};  // Equation 7 by hand.
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_NEAR(e.per_class[i].users->value, users[i], 0.005) << i;
        EXPECT_NEAR(kNinetyFive * *e.per_class[i].users->error, users_half[i], 0.005) << i;
        EXPECT_NEAR(e.per_class[i].producers->value, producers[i], 0.005) << i;
        EXPECT_NEAR(kNinetyFive * *e.per_class[i].producers->error, producers_half[i], 0.006) << i;
    }
    EXPECT_NEAR(e.per_class[0].area.value, 21158, 1);
    EXPECT_NEAR(kNinetyFive * *e.per_class[0].area.error, 6158, 2);
    EXPECT_NEAR(e.area, 900000, 1e-6);
    EXPECT_EQ(e.unsampled, 0);
}

TEST(AreaEstimate, WhereSamplesFollowTheAreasTheWeightsChangeNothing) {
    Confusion confusion;
    confusion.add(1, 1, 30);
    confusion.add(2, 1, 10);
    confusion.add(2, 2, 60);
    const auto e = estimate_areas(confusion, {{1, 400}, {2, 600}}, "pixels");
    EXPECT_NEAR(e.overall.value, confusion.accuracy().overall, 1e-15);
    EXPECT_NEAR(e.per_class[1].area.value, 700, 1e-9);
}

TEST(AreaEstimate, ClassesOfTheMapWithoutTruthAreLeftOutAndSaid) {
    Confusion confusion;
    confusion.add(1, 1, 4);
    confusion.add(2, 2, 4);
    const auto e = estimate_areas(confusion, {{1, 50}, {2, 50}, {7, 20}}, "pixels");
    EXPECT_DOUBLE_EQ(e.area, 100);
    EXPECT_DOUBLE_EQ(e.unsampled, 20);
    EXPECT_THAT(to_text(e), HasSubstr("20 pixels of the map are of classes without any truth"));
}

TEST(AreaEstimate, ASingleSampleHasNoErrorAndATrueClassTheMapLacksHasNoUsersAccuracy) {
    Confusion confusion;
    confusion.add(1, 1, 1);
    confusion.add(2, 2, 3);
    confusion.add(3, 2, 1);
    const auto e = estimate_areas(confusion, {{1, 10}, {2, 10}}, "pixels");
    EXPECT_FALSE(e.overall.error);
    EXPECT_FALSE(e.per_class[0].users->error);
    EXPECT_TRUE(e.per_class[1].users->error);
    EXPECT_FALSE(e.per_class[2].users);
    EXPECT_EQ(e.per_class[2].producers->value, 0);
    const auto json = nlohmann::json::parse(to_json(e));
    EXPECT_TRUE(json["overall_accuracy"]["confidence_95"].is_null());
    EXPECT_TRUE(json["per_class"][2]["users_accuracy"].is_null());
}

TEST(AreaEstimate, IntervalsOfSharesStayWithinNoneAndAll) {
    Confusion confusion;
    confusion.add(1, 1, 19);
    confusion.add(2, 1, 1);
    confusion.add(2, 2, 20);
    const auto json = nlohmann::json::parse(to_json(estimate_areas(confusion, {{1, 10}, {2, 10}}, "ha")));
    EXPECT_EQ(json["per_class"][0]["users_accuracy"]["confidence_95"][1], 1.0);
    EXPECT_EQ(json["unit"], "ha");
}

}  // namespace
}  // namespace spectile::evaluate
