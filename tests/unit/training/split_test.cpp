#include "training/split.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "spectile/error.hpp"

namespace spectile::training {
namespace {

using testing::HasSubstr;

const std::vector<ClassInfo> kClasses = {{1, "water", {}}, {2, "soil", {}}};

SplitDefinition split_by(const std::string& by, int tile, std::vector<int> validation,
                         std::vector<int> test) {
    SplitDefinition split;
    split.by = by;
    split.tile = tile;
    split.validation = std::move(validation);
    split.test = std::move(test);
    return split;
}

SplitDefinition random_split(double validation_share, double test_share) {
    SplitDefinition split = split_by("random", 32, {}, {});
    split.validation_share = validation_share;
    split.test_share = test_share;
    return split;
}

/// Every pixel of the scenes; classes alternate along a row.
std::vector<Sample> all_pixels(const std::vector<SceneSize>& scenes) {
    std::vector<Sample> samples;
    for (std::size_t scene = 0; scene < scenes.size(); ++scene)
        for (std::int64_t y = 0; y < scenes[scene].height; ++y)
            for (std::int64_t x = 0; x < scenes[scene].width; ++x)
                samples.push_back({static_cast<int>(scene), x, y, static_cast<int>((x + y) % 2), {}});
    return samples;
}

std::string message_of(const SplitDefinition& split, const std::vector<SceneSize>& scenes) {
    auto samples = all_pixels(scenes);
    std::vector<std::string> warnings;
    try {
        assign_roles(split, scenes, kClasses, 1, samples, warnings);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::definition);
        return error.what();
    }
    return "";
}

TEST(Split, TilesAreNumberedRowByRowAndOnFromSceneToScene) {
    const std::vector<SceneSize> scenes = {{10, 6}, {4, 4}};
    EXPECT_EQ(tile_number(scenes, 4, 0, 0, 0), 0);
    EXPECT_EQ(tile_number(scenes, 4, 0, 9, 0), 2);
    EXPECT_EQ(tile_number(scenes, 4, 0, 3, 4), 3);
    EXPECT_EQ(tile_number(scenes, 4, 0, 9, 5), 5);
    EXPECT_EQ(tile_number(scenes, 4, 1, 3, 3), 6);
}

TEST(Split, EveryPixelOfAHeldOutTileAndNoOtherIsHeldOut) {
    const std::vector<SceneSize> scenes = {{10, 6}};
    auto samples = all_pixels(scenes);
    std::vector<std::string> warnings;
    assign_roles(split_by("tiles", 4, {4}, {2}), scenes, kClasses, 1, samples, warnings);
    for (const auto& s : samples) {
        const bool validation = s.x >= 4 && s.x < 8 && s.y >= 4, test = s.x >= 8 && s.y < 4;
        EXPECT_EQ(s.role, validation ? Role::validation : test ? Role::test : Role::training);
    }
    EXPECT_TRUE(warnings.empty());
}

TEST(Split, RandomKeepsTheSharesInEveryClassAndSaysThatItLeaks) {
    const std::vector<SceneSize> scenes = {{20, 20}};
    auto samples = all_pixels(scenes);
    std::vector<std::string> warnings;
    assign_roles(random_split(0.25, 0.1), scenes, kClasses, 3, samples, warnings);
    for (int target = 0; target < 2; ++target) {
        int validation = 0, test = 0;
        for (const auto& s : samples) {
            validation += s.target == target && s.role == Role::validation;
            test += s.target == target && s.role == Role::test;
        }
        EXPECT_EQ(validation, 50);
        EXPECT_EQ(test, 20);
    }
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_THAT(warnings[0], HasSubstr("overlap"));
}

TEST(Split, GivenHoldsOutWholeScenes) {
    const std::vector<SceneSize> scenes = {{4, 4}, {4, 4}, {4, 4}};
    auto samples = all_pixels(scenes);
    std::vector<std::string> warnings;
    assign_roles(split_by("given", 32, {1}, {2}), scenes, kClasses, 1, samples, warnings);
    for (const auto& s : samples)
        EXPECT_EQ(s.role, s.scene == 0 ? Role::training : s.scene == 1 ? Role::validation : Role::test);
}

TEST(Split, MistakesAreNamed) {
    const std::vector<SceneSize> scenes = {{8, 8}};
    EXPECT_THAT(message_of(split_by("tiles", 4, {4}, {}), scenes),
                HasSubstr("split.validation: there is no tile 4"));
    EXPECT_THAT(message_of(split_by("tiles", 4, {1}, {1}), scenes), HasSubstr("named twice"));
    EXPECT_THAT(message_of(split_by("tiles", 0, {}, {}), scenes), HasSubstr("split.tile"));
    EXPECT_THAT(message_of(split_by("rows", 4, {}, {}), scenes), HasSubstr("'rows' is not known"));
    EXPECT_THAT(message_of(split_by("tiles", 8, {0}, {}), scenes),
                HasSubstr("class 1 (water) has no training pixel"));
    EXPECT_THAT(message_of(random_split(0.6, 0.5), scenes), HasSubstr("validation_share"));
}

}  // namespace
}  // namespace spectile::training
