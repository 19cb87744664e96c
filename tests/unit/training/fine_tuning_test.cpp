#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/checksum.hpp"
#include "pipeline/model_card.hpp"
#include "spectile/error.hpp"
#include "training_fixture.hpp"

namespace spectile::training {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;

class FineTuning : public TrainingTest {
protected:
    FineTuning() {
        write_scene(folder_);
        first_ = definition_in(folder_);
        (void)train(first_, options_);
        options_.work = folder_.file("second-work");
    }
    /// The same data, from the first model.
    Training second() const {
        Training t = first_;
        t.output = folder_.file("second");
        t.start = first_.output;
        t.architecture.clear();
        t.parameters = "{}";
        t.prepare.clear();
        return t;
    }
    Training first_;
};

TEST_F(FineTuning, TakesWeightsBandsAndPreparationAndSaysSo) {
    auto t = second();
    t.recipe = R"({"epochs": 1, "learning_rate": 0, "final_learning_rate": 0, "weight_decay": 0})";
    (void)train(t, options_);
    const auto before = read_model_card(first_.output), after = read_model_card(t.output);
    EXPECT_EQ(after.architecture, before.architecture);
    EXPECT_EQ(after.prepare.at(0).parameters, before.prepare.at(0).parameters) << "the same normalisation";
    EXPECT_EQ(after.bands.size(), before.bands.size());
    EXPECT_EQ(after.quantity, before.quantity);
    EXPECT_EQ(after.weights_sha256, before.weights_sha256) << "a rate of 0 leaves the weights as they were";
    const auto start = json::parse(after.training)["start"];
    EXPECT_EQ(start["model"], "synthetic");
    EXPECT_EQ(start["sha256"], before.weights_sha256);
    EXPECT_THAT(start["taken"], Contains("head.weight"));
    EXPECT_TRUE(start["new"].empty());
}

TEST_F(FineTuning, OtherClassesBeginWithANewHeadEvenIfTheirNumberIsEqual) {
    auto t = second();
    t.recipe = R"({"epochs": 1})";
    t.classes[0].name = "something else";
    (void)train(t, options_);
    const auto start = json::parse(read_model_card(t.output).training)["start"];
    EXPECT_EQ(start["new"], json({"head.weight", "head.bias"}));
    EXPECT_THAT(start["taken"], Contains("embed.weight"));
}

TEST_F(FineTuning, BeginsWhereTheModelStood) {
    auto t = second();
    t.recipe = R"({"epochs": 1, "learning_rate": 0.0001})";
    std::vector<TrainingProgress> lines;
    options_.progress = [&](const TrainingProgress& line) { lines.push_back(line); };
    (void)train(t, options_);
    EXPECT_GT(lines.at(0).validation_accuracy, 0.95);
    EXPECT_EQ(lines.at(0).seed, 1U);
}

TEST_F(FineTuning, WhatContradictsTheModelIsRefused) {
    auto t = second();
    t.architecture = "torchscript";
    EXPECT_THAT(message_of(t, Code::definition), HasSubstr("architecture"));
    t = second();
    t.prepare = first_.prepare;
    EXPECT_THAT(message_of(t, Code::definition), HasSubstr("prepare: comes from start"));
    t = second();
    t.start = folder_.file("absent");
    EXPECT_THAT(message_of(t, Code::model), HasSubstr("absent"));
    t = second();
    t.parameters = R"({"d_model": 12, "piece_len": 5, "d_state": 3})";
    t.recipe = R"({"epochs": 1})";
    const auto result = train(t, options_);
    EXPECT_THAT(json::parse(result.record)["training"]["start"]["new"], Contains("embed.weight"))
        << "another width takes what fits";
}

}  // namespace
}  // namespace spectile::training
