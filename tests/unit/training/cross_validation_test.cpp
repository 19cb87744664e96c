#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "models/networks/libtorch_state.hpp"
#include "spectile/error.hpp"
#include "synthetic_scene.hpp"
#include "training/train.hpp"

namespace spectile::training {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class CrossValidation : public testing::Test {
protected:
    CrossValidation() {
        networks::quiet_libtorch();
        write_scene(folder_);
        options_.work = folder_.file("work");
        training_ = definition_in(folder_);
        training_.split = {};
        training_.split.tile = 8;
        training_.split.fold_count = 4;
        training_.parameters = R"({"patch_size": 1, "piece_len": 4, "d_model": 8, "d_state": 4})";
        training_.seeds = {1, 2};
        training_.recipe = R"({"epochs": 3, "learning_rate": 0.01, "keep": "last"})";
    }
    TestFolder folder_;
    TrainingOptions options_;
    Training training_;
};

TEST_F(CrossValidation, EveryLabelledPixelIsJudgedOnceByANetworkThatDidNotSeeIt) {
    const auto result = train(training_, options_);
    const auto accuracy = json::parse(result.accuracy);
    ASSERT_EQ(accuracy["folds"].size(), 4U);
    EXPECT_EQ(accuracy["folds"][1]["test_tiles"], json({1, 5, 9, 13}));
    EXPECT_EQ(accuracy["test"]["pooled"]["pixels"], 2 * (32 * 31 - 1)) << "two seeds";
    std::set<std::pair<std::int64_t, std::int64_t>> pixels;
    for (const auto& p : result.judged) pixels.insert({p.x, p.y});
    EXPECT_EQ(pixels.size(), result.judged.size());
    EXPECT_EQ(pixels.size(), 32U * 31 - 1) << "pictures show the first seed";
    EXPECT_GT(accuracy["test"]["overall_accuracy"]["mean"], 0.9);
    EXPECT_TRUE(accuracy["validation"].is_null());
    EXPECT_EQ(json::parse(result.record)["trials"].size(), 8U);
    EXPECT_FALSE(std::filesystem::exists(training_.output)) << "no model is written";
}

TEST_F(CrossValidation, PooledFiguresComeFromOneMatrixPerSeed) {
    training_.recipe = R"({"epochs": 1, "keep": "last"})";  // So short that it errs.
    const auto result = train(training_, options_);
    const auto accuracy = json::parse(result.accuracy);
    std::map<std::uint64_t, double> hits, pixels;
    const auto record = json::parse(result.record);
    for (const auto& trial : record["trials"]) {
        const double count = trial["test"]["pixels"];
        pixels[trial["seed"]] += count;
        hits[trial["seed"]] += count * trial["test"]["overall_accuracy"].get<double>();
    }
    const auto& figure = accuracy["test"]["overall_accuracy"];
    const double one = hits[1] / pixels[1], two = hits[2] / pixels[2];
    EXPECT_NEAR(figure["by_seed"][0].get<double>(), one, 1e-12);
    EXPECT_NEAR(figure["mean"].get<double>(), (one + two) / 2, 1e-12);
    EXPECT_NEAR(figure["scatter"].get<double>(), std::abs(one - two) / std::sqrt(2.0), 1e-12);
    EXPECT_EQ(accuracy["test"]["folds"].size(), 4U);
}

TEST_F(CrossValidation, CutOffAndRunAgainGivesTheSameFiguresWithoutTrainingTwice) {
    const auto straight = train(training_, options_);
    options_.work = folder_.file("other-work");
    int epochs = 0;
    options_.progress = [&](const TrainingProgress&) { ++epochs; };
    options_.stop = [&] { return epochs == 10; };  // In the second seed of the second fold.
    EXPECT_THROW((void)train(training_, options_), Error);
    options_.stop = {};
    const auto resumed = train(training_, options_);
    EXPECT_EQ(resumed.accuracy, straight.accuracy);
    EXPECT_EQ(resumed.record, straight.record) << "the same curves";
    EXPECT_EQ(epochs, 4 * 2 * 3);
}

TEST_F(CrossValidation, ARecipeIsChosenWithoutReadingTheTest) {
    training_.split.fold_validation = 2;
    options_.leave_test = true;
    options_.only_folds = {0, 2};
    const auto result = train(training_, options_);
    const auto accuracy = json::parse(result.accuracy);
    EXPECT_TRUE(accuracy["test"].is_null());
    EXPECT_EQ(accuracy["folds"].size(), 2U);
    EXPECT_EQ(accuracy["folds"][0]["validation_tiles"], json({1, 5}));
    EXPECT_EQ(accuracy["folds"][1]["validation_tiles"], json({11, 15}));
    EXPECT_FALSE(accuracy["validation"].is_null());
    const std::set<std::int64_t> shown = [&] {
        std::set<std::int64_t> tiles;
        for (const auto& p : result.judged) tiles.insert(p.y / 8 * 4 + p.x / 8);
        return tiles;
    }();
    EXPECT_THAT(shown, testing::ElementsAre(1, 5, 11, 15));
    options_.only_folds = {4};
    EXPECT_THROW((void)train(training_, options_), Error);
}

TEST_F(CrossValidation, ListedFoldsAreTakenAsTheyAre) {
    training_.split.fold_count = 0;
    training_.split.folds = {{0, 1, 2}, {15}};
    training_.seeds = {1};
    const auto accuracy = json::parse(train(training_, options_).accuracy);
    EXPECT_EQ(accuracy["test"]["pooled"]["pixels"], 3 * 64 - 1 + 64 - 8);
    EXPECT_TRUE(accuracy["test"]["kappa"]["scatter"].is_null()) << "one seed scatters by nothing known";
}

TEST_F(CrossValidation, AnEarlierResultIsOnlyReplacedOnRequest) {
    std::filesystem::create_directories(training_.output);
    std::ofstream(training_.output + "/accuracy.json") << "{}";
    try {
        (void)train(training_, options_);
        FAIL() << "was replaced";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::publish);
        EXPECT_THAT(error.what(), HasSubstr("--overwrite"));
    }
}

}  // namespace
}  // namespace spectile::training
