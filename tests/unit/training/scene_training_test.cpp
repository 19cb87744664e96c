// SpectralGPT learns to label the pixels of scenes: definition in, model folder out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "in_threads.hpp"
#include "models/entries/registry.hpp"
#include "models/networks/registry.hpp"
#include "models/selftest.hpp"
#include "pipeline/model_card.hpp"
#include "spectile/error.hpp"
#include "training/scene_judge.hpp"
#include "training_fixture.hpp"

namespace spectile::training {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kTiny = R"({"side": 16, "embed": 24, "depth": 2, "heads": 3, "group": 11,
                                  "head_channels": 128, "head_width": 16})";

class SceneTraining : public TrainingTest {
protected:
    SceneTraining() { write_scene(folder_); }

    Training segmentation() const {
        Training t = definition_in(folder_);
        t.architecture = "spectral_gpt";
        t.parameters = kTiny;
        t.split.validation = {5};
        t.recipe = R"({"epochs": 6, "batch": 4, "crops": 8, "learning_rate": 0.003, "drop_path": 0.1,
                       "dropout": 0.1, "layer_decay": 0.9, "moving_average": 0.9, "validate_every": 2,
                       "augmentation": {"flips": true, "turns": true, "brightness": 0.05}})";
        return t;
    }

    /// The later date differs where its squares' labels say so: low and middle are unchanged, high is
    /// changed.
    Training change() const {
        Training t = segmentation();
        std::ifstream before(folder_.file("scene.dat"), std::ios::binary);
        std::vector<std::int16_t> pixels(kSceneBands * kSceneSide * kSceneSide);
        before.read(reinterpret_cast<char*>(pixels.data()), static_cast<std::streamsize>(pixels.size() * 2));
        std::vector<char> labels;
        for (int y = 0; y < kSceneSide; ++y)
            for (int x = 0; x < kSceneSide; ++x) {
                const bool changed = (x / 8 + y / 8) % 3 == 2;
                labels.push_back(changed ? 2 : 1);
                for (int band = 0; changed && band < kSceneBands - 1; ++band)
                    pixels[static_cast<std::size_t>((band * kSceneSide + y) * kSceneSide + x)] += 1500;
            }
        std::ofstream(folder_.file("later.dat"), std::ios::binary)
            .write(reinterpret_cast<const char*>(pixels.data()),
                   static_cast<std::streamsize>(pixels.size() * 2));
        std::filesystem::copy_file(folder_.file("scene.hdr"), folder_.file("later.hdr"),
                                   std::filesystem::copy_options::overwrite_existing);
        std::ofstream(folder_.file("changes.dat"), std::ios::binary)
            .write(labels.data(), static_cast<std::streamsize>(labels.size()));
        std::filesystem::copy_file(folder_.file("labels.hdr"), folder_.file("changes.hdr"),
                                   std::filesystem::copy_options::overwrite_existing);
        t.scenes[0].paths = {folder_.file("scene.dat"), folder_.file("later.dat")};
        t.scenes[0].change = true;
        t.labels[0].path = folder_.file("changes.dat");
        t.classes = {{1, "unchanged", {0, 0, 0}}, {2, "changed", {255, 0, 0}}};
        t.split.validation = {5, 10};
        t.split.test = {2, 3};
        return t;
    }
};

TEST_F(SceneTraining, SegmentationLearnsAndWritesAModelThatRuns) {
    auto t = segmentation();
    auto recipe = json::parse(t.recipe);
    recipe["epochs"] = 40;
    recipe["validate_every"] = 40;
    t.recipe = recipe.dump();
    const auto result = train(t, options_);
    const auto accuracy = json::parse(result.accuracy), record = json::parse(result.record);
    const auto& curve = record["trials"][0]["curve"];
    EXPECT_LT(curve.back()[1], 0.5 * curve[0][1].get<double>()) << "the loss";
    EXPECT_GT(accuracy["test"]["overall_accuracy"], 0.8);
    EXPECT_EQ(accuracy["test"]["pixels"], 8 * 7);
    const ModelCard card = read_model_card(t.output);
    EXPECT_EQ(card.task, Task::segmentation);
    EXPECT_EQ(json::parse(card.parameters)["bands"], kSceneBands - 1);
    EXPECT_EQ(traits_of(card).halo, 2);
    const auto said = json::parse(card.training);
    EXPECT_EQ(said["recipe"]["crops"], 8);
    EXPECT_EQ(said["crops"]["side"], 16);
    EXPECT_GT(said["crops"]["pixels_off_held_back_ground"], 0);
    EXPECT_THAT(said["selection"].get<std::string>(), HasSubstr("mean IoU"));
    run_selftest(card, *networks::network_entry(card.architecture).load(card, "cpu"));
}

TEST_F(SceneTraining, ChangeLearnsFromTwoDates) {
    auto t = change();
    auto recipe = json::parse(t.recipe);
    recipe["epochs"] = 40;
    recipe["validate_every"] = 40;
    recipe["class_weights"] = "change";
    recipe["schedule"] = "exponential";
    t.recipe = recipe.dump();
    const auto accuracy = json::parse(train(t, options_).accuracy);
    EXPECT_GT(accuracy["validation"]["per_class"][1]["f1"], 0.7);
    const ModelCard card = read_model_card(t.output);
    EXPECT_EQ(card.task, Task::change);
    EXPECT_EQ(card.bands.size(), 2 * (kSceneBands - 1));
    EXPECT_EQ(card.matching.by, "position");
    EXPECT_THAT(json::parse(card.training)["selection"].get<std::string>(), HasSubstr("F1 of change"));
    EXPECT_EQ(json::parse(card.parameters)["bands"], kSceneBands - 1);
}

TEST(SceneScore, OfChangeIsTheF1OfTheSecondClass) {
    Dataset data;
    data.classes = {{9, "unchanged", {}}, {2, "changed", {}}};  // Listed by value, change comes first.
    evaluate::Confusion confusion(data.classes);
    confusion.add(9, 9, 90);
    confusion.add(9, 2, 4);
    confusion.add(2, 2, 6);
    const auto accuracy = confusion.accuracy();
    EXPECT_DOUBLE_EQ(score_of(accuracy, data, "change"), 2.0 * 6 / (6 + 10));
    EXPECT_DOUBLE_EQ(score_of(accuracy, data, "segmentation"), accuracy.mean_iou);
}

TEST_F(SceneTraining, InterruptedAndResumedOrWithThreadsGivesTheSameBytes) {
    for (const bool of_change : {false, true}) {
        auto straight = of_change ? change() : segmentation();
        straight.output = folder_.file(of_change ? "straight-change" : "straight");
        options_ = {};
        options_.work = straight.output + "-work";
        (void)train(straight, options_);
        auto t = straight;
        t.output += "-resumed";
        options_.work = t.output + "-work";
        int steps = 0;
        options_.stop = [&] { return ++steps == 6; };  // In the third of six epochs of two steps.
        EXPECT_THAT(message_of(t, Code::interrupted), HasSubstr("epoch 3 of 6"));
        options_.stop = {};
        options_.parallel = in_threads;
        (void)train(t, options_);
        expect_same_model(straight, t);
    }
}

TEST_F(SceneTraining, StartsFromAModelOfAnotherTaskAndSide) {
    auto first = segmentation();
    first.recipe = R"({"epochs": 1, "batch": 8, "crops": 8})";
    (void)train(first, options_);
    auto t = change();
    t.start = first.output;
    t.output = folder_.file("second");
    t.architecture.clear();
    t.parameters = R"({"side": 24})";
    t.recipe = R"({"epochs": 1, "batch": 4, "crops": 4})";
    options_.work = folder_.file("second-work");
    const auto record = json::parse(train(t, options_).record);
    const auto& start = record["training"]["start"];
    EXPECT_THAT(start["taken"].dump(), HasSubstr("\"pos_embed_spatial\"")) << "resized";
    EXPECT_EQ(start["new"], json({"cls_seg.0.weight", "cls_seg.0.bias"}));
}

TEST_F(SceneTraining, RefusesWhatCannotBe) {
    auto t = segmentation();
    t.parameters = R"({"classes": 5, "group": 11, "side": 16})";
    EXPECT_THAT(message_of(t, Code::definition),
                HasSubstr("parameters.classes: is 5, but 3 classes are listed"));
    t.parameters = R"({"bands": 12, "side": 16})";
    EXPECT_THAT(message_of(t, Code::definition),
                HasSubstr("parameters.bands: is 12, but 11 enter the network"));
    t.parameters = R"({"side": 16})";
    EXPECT_THAT(message_of(t, Code::model), HasSubstr("bands: must be a multiple of the group, 3, not 11"));
    t.parameters = R"({"task": "change", "group": 11})";
    EXPECT_THAT(message_of(t, Code::definition), HasSubstr("the scenes have no before and after"));
    t.parameters = R"({"task": "classification", "group": 11})";
    EXPECT_THAT(message_of(t, Code::definition),
                HasSubstr("classification learns from images with labels as a whole; give patches"));
    t = change();
    t.classes.push_back({3, "cloud", {9, 9, 9}});
    EXPECT_THAT(message_of(t, Code::definition), HasSubstr("change has two, unchanged and changed"));
    t = change();
    t.architecture = "spectral_mamba";
    EXPECT_THAT(message_of(t, Code::definition), HasSubstr("only spectral_gpt learns from before and after"));
    t = segmentation();
    t.prepare = {{"min_max", R"({"from": "tile"})", "", {t.file, 1}}};
    t.prepare.push_back({"whiten", R"({"from": "training"})", "", {t.file, 1}});
    EXPECT_THAT(message_of(t, Code::definition),
                HasSubstr("whiten from: training cannot follow a step from: tile"));
    t.prepare.pop_back();
    t.architecture = "spectral_mamba";
    t.parameters = R"({"piece_len": 1})";
    t.recipe = "{}";
    EXPECT_THAT(message_of(t, Code::definition),
                HasSubstr("prepare: a step from: tile has limits of each window"));
    t = segmentation();
    t.recipe = R"({"label_smoothing": 0.1})";
    EXPECT_THAT(message_of(t, Code::definition), HasSubstr("recipe.label_smoothing is not for"));
    t.recipe = R"({"mixup": 0.8})";
    EXPECT_THAT(message_of(t, Code::definition),
                HasSubstr("recipe.mixup belongs to classification of patches"));
    t.recipe = R"({"cropz": 8})";
    EXPECT_THAT(message_of(t, Code::definition), HasSubstr("recipe.cropz is not known"));
    t.recipe = R"({"class_weights": "change"})";
    EXPECT_THAT(message_of(t, Code::definition), HasSubstr("class_weights: change is for two classes"));
}

TEST_F(SceneTraining, LabelsMustFitTheScene) {
    auto t = segmentation();
    const std::string small(16 * 16, '\1');
    std::ofstream(folder_.file("small.dat"), std::ios::binary) << small;
    std::ofstream(folder_.file("small.hdr"))
        << "ENVI\nsamples = 16\nlines = 16\nbands = 1\nheader offset = 0\nfile type = ENVI Standard\n"
           "data type = 1\ninterleave = bsq\nbyte order = 0\n";
    t.labels[0].path = folder_.file("small.dat");
    const auto message = message_of(t, Code::scene);
    EXPECT_THAT(message, HasSubstr("small.dat"));
    EXPECT_THAT(message, HasSubstr("16"));
}

}  // namespace
}  // namespace spectile::training
