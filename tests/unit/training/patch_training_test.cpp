// SpectralGPT learns to label whole images: definition in, model folder out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/checksum.hpp"
#include "in_threads.hpp"
#include "labelled_patches.hpp"
#include "models/entries/registry.hpp"
#include "models/networks/registry.hpp"
#include "models/selftest.hpp"
#include "pipeline/model_card.hpp"
#include "spectile/error.hpp"
#include "training/patch_list.hpp"
#include "training_fixture.hpp"

namespace spectile::training {
namespace {

using nlohmann::json;
using testing::HasSubstr;

void change_recipe(Training& t, const char* changes) {
    auto recipe = json::parse(t.recipe);
    recipe.merge_patch(json::parse(changes));
    t.recipe = recipe.dump();
}

class PatchTraining : public TrainingTest {};

TEST_F(PatchTraining, OneClassEachIsLearntFarAboveChance) {
    auto t = patches_in(folder_, false);
    change_recipe(t, R"({"epochs": 40, "validate_every": 5, "label_smoothing": 0.1})");
    t.seeds = {1, 2};
    const auto result = train(t, options_);
    const auto accuracy = json::parse(result.accuracy);
    EXPECT_GT(accuracy["test"]["overall_accuracy"], 0.8) << "chance is a third";
    EXPECT_EQ(accuracy["test"]["patches"], 12);
    EXPECT_FALSE(accuracy["test"].contains("pixels"));
    EXPECT_EQ(accuracy["test"]["confusion"].size(), 3U);
    EXPECT_EQ(accuracy["spread"]["test"]["overall_accuracy"]["by_seed"].size(), 2U);
    EXPECT_EQ(accuracy["seeds"].size(), 2U);
    const auto card = read_model_card(t.output);
    EXPECT_EQ(traits_of(card).task, Task::labels);
    EXPECT_FALSE(traits_of(card).multi_label);
    EXPECT_EQ(json::parse(card.parameters)["bands"], kIndexBands);
    EXPECT_EQ(card.bands.back().name, "f");
    EXPECT_EQ(card.matching.by, "name");
    const auto said = json::parse(card.training);
    EXPECT_EQ(said["patches"], json({{"training", 21}, {"validation", 9}, {"test", 12}}));
    EXPECT_EQ(said["index"]["sha256"], sha256_of_file(t.patches->index));
    EXPECT_EQ(said["recipe"]["mixup"], 0.8) << "as published where nothing is said";
    EXPECT_EQ(said["recipe"]["crop_scale"], 0.2);
    run_selftest(card, *networks::network_entry(card.architecture).load(card, "cpu"));
}

TEST_F(PatchTraining, SeveralLabelsEachAreLearntFarAboveChance) {
    auto t = patches_in(folder_, true);
    change_recipe(t, R"({"epochs": 40, "validate_every": 5})");
    const auto result = train(t, options_);
    const auto test = json::parse(result.accuracy)["test"];
    EXPECT_GT(test["micro_average_precision"], 0.9) << "chance is the labels' share, 4 of 7";
    EXPECT_GT(test["macro_average_precision"], 0.9);
    for (const auto& label : test["per_class"]) EXPECT_GT(label["f1"], 0.75) << label;
    EXPECT_EQ(test["patches"], 12);
    const auto card = read_model_card(t.output);
    EXPECT_TRUE(traits_of(card).multi_label);
    const auto said = json::parse(card.training);
    EXPECT_THAT(said["selection"].get<std::string>(), HasSubstr("micro average precision"));
    EXPECT_FALSE(said["recipe"].contains("mixup"));
    EXPECT_EQ(json::parse(result.record)["panels"].size(), 4U);
}

TEST_F(PatchTraining, InterruptedAndResumedOrWithThreadsGivesTheSameBytes) {
    for (const bool multi_label : {false, true}) {
        auto straight = patches_in(folder_, multi_label);
        straight.output = folder_.file(multi_label ? "straight-multi" : "straight");
        options_ = {};
        options_.work = straight.output + "-work";
        (void)train(straight, options_);
        auto t = straight;
        t.output += "-resumed";
        options_.work = t.output + "-work";
        int steps = 0;
        options_.stop = [&] { return ++steps == 10; };  // In the third of six epochs of four steps.
        EXPECT_THAT(message_of(t, Code::interrupted), HasSubstr("epoch 3 of 6"));
        options_.stop = {};
        options_.parallel = in_threads;
        (void)train(t, options_);
        expect_same_model(straight, t);
    }
}

TEST_F(PatchTraining, StandardisesByThePatchesThatTrainAlone) {
    auto t = patches_in(folder_, false);
    change_recipe(t, R"({"epochs": 1})");
    (void)train(t, options_);
    const auto with_all = read_model_card(t.output).prepare.at(0).parameters;
    EXPECT_EQ(json::parse(with_all)["mean"].size(), 6U);
    auto text = text_of_file(t.patches->index);
    text.resize(text.find("s21.dat"));  // The 21 lines that train.
    t.patches->index = write_index(folder_, text, "training.csv");
    t.output = folder_.file("other");
    options_.work = folder_.file("other-work");
    (void)train(t, options_);
    EXPECT_EQ(read_model_card(t.output).prepare.at(0).parameters, with_all);
}

TEST_F(PatchTraining, FoldersOfImagesAreAnIndex) {
    auto t = patches_in(folder_, false);
    for (const auto& c : kThings) std::filesystem::create_directories(folder_.file("images/" + c.name));
    for (int i = 0; i < 30; ++i) {
        const auto name = "images/" + kThings[static_cast<std::size_t>(i % 3)].name + '/' + std::to_string(i);
        write_patch(folder_, name, things_of(i, false), i);
    }
    t.patches->index = folder_.file("images");
    t.split.by = "random";
    t.split.validation_share = 0.2;
    t.split.test_share = 0.3;
    change_recipe(t, R"({"epochs": 20})");
    const auto result = train(t, options_);
    EXPECT_THAT(result.warnings, testing::ElementsAre(HasSubstr("no two patches share a place")));
    const auto accuracy = json::parse(result.accuracy);
    EXPECT_EQ(accuracy["validation"]["patches"], 6);
    for (const auto& c : accuracy["test"]["per_class"]) EXPECT_EQ(c["support"], 3) << "drawn within classes";
    EXPECT_GT(accuracy["test"]["overall_accuracy"], 0.6);
}

TEST_F(PatchTraining, APlaceHasOneRoleAndIsDrawnWhole) {
    auto t = patches_in(folder_, true);
    std::string index = "path,label,place\n";
    for (int i = 0; i < 40; ++i)
        index += "m" + std::to_string(i) + ".dat,soil;2,place " + std::to_string(i / 4) + '\n';
    t.patches->index = write_index(folder_, index, "places.csv");
    t.split.by = "random";
    t.split.validation_share = 0.2;
    t.split.test_share = 0.3;
    auto list = PatchList::open(t, true);
    std::vector<std::string> warnings;
    list.draw_roles(t.split, 1, warnings);
    EXPECT_EQ(list.with_role(Role::validation).size(), 8U);
    EXPECT_EQ(list.with_role(Role::test).size(), 12U);
    for (std::size_t i = 0; i < list.size(); ++i) EXPECT_EQ(list[i].role, list[i / 4 * 4].role) << i;
    EXPECT_EQ(list[0].classes, (std::vector<int>{0, 1})) << "by name and by value";
    EXPECT_THAT(warnings, testing::ElementsAre(HasSubstr("class 4 (wood, old) has no patch that trains")));
    t.patches->index =
        write_index(folder_, "path,label,place,role\nm0.dat,1,A,\nm1.dat,2,A,test\n", "two.csv");
    t.split.by = "given";
    EXPECT_THAT(message_of(t), HasSubstr("two.csv:3: its place 'A' has another role in "));
}

TEST_F(PatchTraining, StartsFromAClassifierOfOtherClasses) {
    auto first = patches_in(folder_, true);
    change_recipe(first, R"({"epochs": 1})");
    (void)train(first, options_);
    auto t = patches_in(folder_, false);
    t.start = first.output;
    t.output = folder_.file("second");
    t.architecture.clear();
    t.parameters = R"({"side": 24, "multi_label": false})";
    t.prepare.clear();
    t.classes[0].name = "bare soil";
    t.classes[0].value = 1;
    auto text = text_of_file(t.patches->index);
    for (std::size_t at = 0; (at = text.find("\"soil\"", at)) != std::string::npos;) text.replace(at, 6, "1");
    t.patches->index = write_index(folder_, text, "values.csv");
    change_recipe(t, R"({"epochs": 1, "learning_rate": 0, "final_learning_rate": 0, "weight_decay": 0})");
    options_.work = folder_.file("second-work");
    const auto record = json::parse(train(t, options_).record);
    EXPECT_EQ(record["training"]["start"]["new"], json({"head.weight", "head.bias"}));
    EXPECT_THAT(record["training"]["start"]["taken"].dump(), HasSubstr("\"pos_embed_spatial\"")) << "resized";
    const auto before = read_model_card(first.output), after = read_model_card(t.output);
    EXPECT_EQ(after.prepare.at(0).parameters, before.prepare.at(0).parameters) << "the same normalisation";
    EXPECT_FALSE(traits_of(after).multi_label);
}

TEST_F(PatchTraining, RefusesWhatCannotBe) {
    auto t = patches_in(folder_, false);
    t.parameters = R"({"task": "segmentation", "side": 16})";
    EXPECT_THAT(message_of(t), HasSubstr("parameters.task: is segmentation, and patches are for"));
    t = patches_in(folder_, false);
    t.architecture = "spectral_mamba";
    EXPECT_THAT(message_of(t), HasSubstr("patches: are learnt by architecture spectral_gpt"));
    t = patches_in(folder_, false);
    change_recipe(t, R"({"crops": 8})");
    EXPECT_THAT(message_of(t), HasSubstr("recipe.crops belongs to segmentation and change"));
    t = patches_in(folder_, false);
    change_recipe(t, R"({"sampling": "root"})");
    EXPECT_THAT(message_of(t), HasSubstr("recipe.sampling is not for spectral_gpt's classification"));
    t = patches_in(folder_, true);
    change_recipe(t, R"({"mixup": 0.5})");
    EXPECT_THAT(message_of(t), HasSubstr("recipe.mixup belongs to classes that exclude each other"));
    t = patches_in(folder_, true);
    change_recipe(t, R"({"label_smoothing": 0.1})");
    EXPECT_THAT(message_of(t), HasSubstr("not for spectral_gpt's multi-label classification"));
    t = patches_in(folder_, true);
    t.parameters = R"({"side": 16})";
    EXPECT_THAT(message_of(t), HasSubstr("several labels need parameters: {multi_label: true}"));
}

TEST_F(PatchTraining, RefusesAnIndexThatSaysTooLittleByLine) {
    auto t = patches_in(folder_, false);
    const auto refused = [&](const std::string& text, Code code = Code::definition) {
        t.patches->index = write_index(folder_, text, "bad.csv");
        return message_of(t, code);
    };
    EXPECT_THAT(refused("path,role\ns0.dat,\n"), HasSubstr("bad.csv: has no column 'label'"));
    EXPECT_THAT(refused("path,label\ns0.dat,soil\ns1.dat,lawn\n"),
                HasSubstr("bad.csv:3: label 'lawn' is none of the definition's classes"));
    EXPECT_THAT(refused("path,label\ns0.dat,\n"), HasSubstr("bad.csv:2: label ''"));
    EXPECT_THAT(refused("path,label\ns0.dat,soil\ns1.dat,grass\n"),
                HasSubstr("class 4 (wood, old) has no patch that trains"));
    EXPECT_THAT(refused("path,label\ns0.dat,soil\ns1.dat,grass\nnone.dat,4\n", Code::missing),
                HasSubstr("bad.csv:4: "));
    t.split.by = "random";
    EXPECT_THAT(refused("path,label,role\ns0.dat,soil,\ns1.dat,grass,test\n"),
                HasSubstr("bad.csv:3: has a role, and split.by is random"));
}

}  // namespace
}  // namespace spectile::training
