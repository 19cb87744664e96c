#include "training/split.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

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
        assign_roles(split, {scenes, kClasses}, 1, samples, warnings);
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
    assign_roles(split_by("tiles", 4, {4}, {2}), {scenes, kClasses}, 1, samples, warnings);
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
    assign_roles(random_split(0.25, 0.1), {scenes, kClasses}, 3, samples, warnings);
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
    assign_roles(split_by("given", 32, {1}, {2}), {scenes, kClasses}, 1, samples, warnings);
    for (const auto& s : samples)
        EXPECT_EQ(s.role, s.scene == 0 ? Role::training : s.scene == 1 ? Role::validation : Role::test);
}

TEST(Split, RandomByCountTrainsSoManyOfEachClassAndTestsTheRest) {
    const std::vector<SceneSize> scenes = {{20, 20}};
    auto samples = all_pixels(scenes);
    auto split = random_split(0.1, 0);
    split.training_pixels = 40;
    std::vector<std::string> warnings;
    assign_roles(split, {scenes, kClasses}, 3, samples, warnings);
    std::map<std::pair<int, Role>, int> counts;
    for (const auto& s : samples) ++counts[{s.target, s.role}];
    EXPECT_EQ((counts[{0, Role::training}]), 40);
    EXPECT_EQ((counts[{1, Role::training}]), 40);
    EXPECT_EQ((counts[{0, Role::test}]), 160);
    EXPECT_EQ((counts[{1, Role::validation}]), 0);
    split.training_pixels = 1000;
    assign_roles(split, {scenes, kClasses}, 3, samples, warnings);
    EXPECT_THAT(warnings,
                testing::Contains(HasSubstr("class 1 (water) has 200 pixels, so all of them train")));
}

TEST(Split, BlocksAreWholeSquaresThatComeNearTheirSharesAndFollowTheSeed) {
    const std::vector<SceneSize> scenes = {{40, 40}};
    auto split = split_by("blocks", 8, {}, {});
    split.validation_share = 0.2;
    split.test_share = 0.2;
    const auto roles = [&](std::uint64_t seed) {
        auto samples = all_pixels(scenes);
        std::vector<std::string> warnings;
        assign_roles(split, {scenes, kClasses}, seed, samples, warnings);
        EXPECT_TRUE(warnings.empty()) << "blocks do not leak";
        std::map<std::int64_t, std::set<Role>> by_square;
        std::map<Role, int> counts;
        std::vector<Role> all;
        for (const auto& s : samples) {
            by_square[tile_number(scenes, 8, 0, s.x, s.y)].insert(s.role);
            ++counts[s.role];
            all.push_back(s.role);
        }
        for (const auto& [square, found] : by_square) EXPECT_EQ(found.size(), 1U) << square;
        EXPECT_EQ(counts[Role::test], 5 * 64);
        EXPECT_EQ(counts[Role::validation], 5 * 64);
        return all;
    };
    EXPECT_EQ(roles(1), roles(1));
    EXPECT_NE(roles(1), roles(2));
}

TEST(Split, BlocksNeverTakeTheLastTrainingPixelsOfAClass) {
    const std::vector<SceneSize> scenes = {{16, 4}};
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        std::vector<Sample> samples;
        for (std::int64_t x = 0; x < 16; ++x) samples.push_back({0, x, 0, x < 4 ? 1 : 0, {}});
        auto split = split_by("blocks", 4, {}, {});
        split.validation_share = 0;
        split.test_share = 0.5;
        std::vector<std::string> warnings;
        assign_roles(split, {scenes, kClasses}, seed, samples, warnings);
        EXPECT_EQ(samples[0].role, Role::training) << "square 0 alone holds soil";
    }
}

TEST(Split, GivenWithoutNumbersKeepsTheRolesOfTheFiles) {
    const std::vector<SceneSize> scenes = {{4, 4}};
    auto samples = all_pixels(scenes);
    samples[3].role = Role::test;
    samples[5].role = Role::validation;
    std::vector<std::string> warnings;
    assign_roles(split_by("given", 32, {}, {}), {scenes, kClasses}, 1, samples, warnings);
    EXPECT_EQ(samples[3].role, Role::test);
    EXPECT_EQ(samples[5].role, Role::validation);
    EXPECT_EQ(samples[0].role, Role::training);
}

/// Samples in the squares 0, 1, 2, 5, 7, 8, 9 of a scene of 4 x 3 squares.
std::vector<Sample> some_squares() {
    std::vector<Sample> samples;
    for (const int square : {9, 0, 1, 2, 5, 7, 8})
        for (int i = 0; i < 2; ++i) samples.push_back({0, square % 4 * 8 + i, square / 4 * 8, i, {}});
    return samples;
}
const SplitGround kGround = {{{32, 24}}, kClasses};

TEST(Folds, LabelledSquaresAreDealtInTurn) {
    auto split = split_by("tiles", 8, {}, {});
    split.fold_count = 3;
    const auto folds = folds_of(split, kGround, some_squares());
    EXPECT_THAT(folds, testing::ElementsAre(testing::ElementsAre(0, 5, 9), testing::ElementsAre(1, 7),
                                            testing::ElementsAre(2, 8)));
    split.validation = {5};
    EXPECT_THAT(folds_of(split, kGround, some_squares())[0], testing::ElementsAre(0, 7))
        << "squares that always validate are no fold's";
    split.fold_count = 8;
    EXPECT_THROW((void)folds_of(split, kGround, some_squares()), Error);
}

TEST(Folds, EveryPixelIsTestedOnceAndValidatingSquaresComeFromTheNextFold) {
    auto split = split_by("tiles", 8, {}, {});
    split.fold_count = 3;
    split.fold_validation = 1;
    auto samples = some_squares();
    const auto folds = folds_of(split, kGround, samples);
    std::vector<int> tested(samples.size(), 0);
    for (int fold = 0; fold < 3; ++fold) {
        const auto one = split_of_fold(split, folds, fold);
        EXPECT_FALSE(one.is_cross_validation());
        std::vector<std::string> warnings;
        assign_roles(one, kGround, 1, samples, warnings);
        for (std::size_t i = 0; i < samples.size(); ++i) tested[i] += samples[i].role == Role::test;
    }
    EXPECT_THAT(tested, testing::Each(1));
    EXPECT_THAT(split_of_fold(split, folds, 0).validation, testing::ElementsAre(1));
    EXPECT_THAT(split_of_fold(split, folds, 1).validation, testing::ElementsAre(8));
    EXPECT_THAT(split_of_fold(split, folds, 2).validation, testing::ElementsAre(9));
    split.fold_validation = 3;
    EXPECT_THAT(split_of_fold(split, folds, 0).validation, testing::ElementsAre(1, 7, 2));
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
