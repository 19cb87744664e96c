#include "training/recipe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "spectile/error.hpp"
#include "training/schedule.hpp"

namespace spectile::training {
namespace {

using testing::HasSubstr;

std::string message_of(const std::string& json) {
    try {
        (void)read_recipe(json, "t.yaml");
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::definition);
        return error.what();
    }
    return "";
}

TEST(Recipe, AnEmptyOneHasTheDefaultsOfTheSpecification) {
    const Recipe r = read_recipe("{}", "t.yaml");
    EXPECT_EQ(r.batch, 64);
    EXPECT_EQ(r.epochs, 200);
    EXPECT_EQ(r.learning_rate, 1e-3);
    EXPECT_EQ(r.weight_decay, 1e-4);
    EXPECT_FALSE(r.augmentation.flips);
}

TEST(Recipe, WhatIsWrittenOutIsReadBackTheSame) {
    Recipe r;
    r.epochs = 7;
    r.class_weights = "root";
    r.moving_average = 0.99;
    r.schedule = "linear";
    r.sampling = "balanced";
    r.augmentation.turns = true;
    r.augmentation.spectral_dropout = 0.25;
    EXPECT_EQ(to_json(read_recipe(to_json(r), "t.yaml")), to_json(r));
}

TEST(Recipe, MistakesNameFileAndKey) {
    EXPECT_THAT(message_of(R"({"epoch": 3})"), HasSubstr("t.yaml: recipe.epoch is not known"));
    EXPECT_THAT(message_of(R"({"epochs": 0})"), HasSubstr("recipe.epochs is 0, must be at least 1"));
    EXPECT_THAT(message_of(R"({"epochs": 2.5})"), HasSubstr("whole number"));
    EXPECT_THAT(message_of(R"({"label_smoothing": 1})"), HasSubstr("between 0 and 0.9"));
    EXPECT_THAT(message_of(R"({"class_weights": "even"})"), HasSubstr("balanced, change, none, root"));
    EXPECT_THAT(message_of(R"({"augmentation": {"flip": true}})"),
                HasSubstr("recipe.augmentation.flip is not known"));
    EXPECT_THAT(message_of("[]"), HasSubstr("must be a mapping"));
}

TEST(Schedule, RisesThenFallsAlongHalfACosineToTheFinalRate) {
    const Recipe r;
    EXPECT_DOUBLE_EQ(learning_rate(r, 0, 101, 0), 1e-3);
    EXPECT_DOUBLE_EQ(learning_rate(r, 50, 101, 0), (1e-3 + 1e-5) / 2);
    EXPECT_DOUBLE_EQ(learning_rate(r, 100, 101, 0), 1e-5);
    EXPECT_DOUBLE_EQ(learning_rate(r, 4, 101, 10), 5e-4);
    EXPECT_DOUBLE_EQ(learning_rate(r, 10, 101, 10), 1e-3);
}

TEST(Schedule, ALineAndAConstantRateAreTakenAtTheirWord) {
    Recipe r;
    r.schedule = "linear";
    EXPECT_DOUBLE_EQ(learning_rate(r, 25, 101, 0), 1e-3 - 0.25 * (1e-3 - 1e-5));
    EXPECT_DOUBLE_EQ(learning_rate(r, 100, 101, 0), 1e-5);
    r.schedule = "constant";
    EXPECT_DOUBLE_EQ(learning_rate(r, 100, 101, 0), 1e-3);
    EXPECT_DOUBLE_EQ(learning_rate(r, 4, 101, 10), 5e-4) << "after its warm-up";
}

}  // namespace
}  // namespace spectile::training
