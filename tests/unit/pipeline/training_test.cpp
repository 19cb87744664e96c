#include <nlohmann/json.hpp>

#include "definition_files.hpp"
#include "pipeline/format_examples.hpp"
#include "pipeline/read_training.hpp"

namespace spectile {
namespace {

using testing::ElementsAre;

const std::string kHead = "spectile: 1\noutput: models/m\narchitecture: spectral_mamba\n";

Training read(const std::string& rest, const std::vector<std::string>& sets = {}) {
    KnownNames known;
    known.steps = {"standardise", "clip"};
    return read_training_text(kHead + rest, "/t/my.yaml", sets, known);
}

std::string message(const std::string& rest) {
    return error_of([&] { read(rest); });
}

TEST(Training, ReadsTheDocumentedExample) {
    const Training t = read_training_text(definition::example_of(DefinitionKind::training), "/t/my.yaml", {});
    EXPECT_EQ(t.name, "water-4");
    EXPECT_EQ(t.output, "/t/models/water-4");
    ASSERT_EQ(t.scenes.size(), 2u);
    ASSERT_EQ(t.labels.size(), 2u);
    EXPECT_EQ(t.labels[0].attribute, "class");
    EXPECT_EQ(t.labels[1].path, "/t/south_truth.tif");
    EXPECT_THAT(t.split.validation, ElementsAre(3, 17));
    EXPECT_THAT(t.seeds, ElementsAre(1, 2, 3));
    EXPECT_EQ(t.matching.by, "wavelength");
    EXPECT_EQ(t.prepare[0].parameters, R"({"from":"scene"})");
}

TEST(Training, RecipeHoldsEveryDefault) {
    const auto recipe = nlohmann::json::parse(read("scene: a\nlabels: b\n").recipe);
    const auto expected =
        nlohmann::json::parse(R"({"augmentation": {"brightness": 0, "flips": false, "mixing": 0,
        "noise": 0, "offset": 0, "spectral_dropout": 0, "turns": false}, "batch": 64, "class_weights": "none",
        "epochs": 200, "final_learning_rate": 1e-5, "gradient_clip": 1.0, "keep": "best", "label_smoothing": 0,
        "learning_rate": 1e-3, "moving_average": 0, "patience": 0, "precision": "float32", "sampling": "plain",
        "schedule": "cosine", "warmup": 0, "weight_decay": 1e-4})");
    EXPECT_EQ(recipe, expected);
    const auto given = nlohmann::json::parse(
        read("scene: a\nlabels: b\nrecipe: {epochs: 5, keep: , augmentation: {flips: true}}\n",
             {"recipe.batch=8"})
            .recipe);
    EXPECT_EQ(given["epochs"], 5);
    EXPECT_EQ(given["batch"], 8);
    EXPECT_EQ(given["keep"], "best");
    EXPECT_EQ(given["augmentation"]["flips"], true);
    EXPECT_EQ(given["augmentation"]["noise"], 0);
}

TEST(Training, ReadsSceneLabelsAndNumbers) {
    const auto t = read(
        "scene: {before: a.tif, after: b.tif}\nlabels: {path: l.tif, ignore: -1}\nclasses: [water, {name: "
        "tree, value: 7}]\n"
        "seeds: 9\nsplit: {by: random, validation_share: 0.2, test_share: 0.3}\nname: n\n");
    EXPECT_TRUE(t.scenes[0].change);
    EXPECT_EQ(t.labels[0].ignore, -1);
    EXPECT_EQ(t.classes[1].value, 7);
    EXPECT_THAT(t.seeds, ElementsAre(9));
    EXPECT_EQ(t.split.by, "random");
    EXPECT_EQ(t.split.test_share, 0.3);
    EXPECT_EQ(t.name, "n");
    EXPECT_EQ(read("scene: a\nlabels: b\n").name, "m");
}

TEST(Training, ReadsFoldsAsANumberOrAsLists) {
    const auto dealt = read("scene: a\nlabels: b\nsplit: {folds: 6, validation_tiles: 2, validation: [9]}\n");
    EXPECT_TRUE(dealt.split.is_cross_validation());
    EXPECT_EQ(dealt.split.fold_count, 6);
    EXPECT_EQ(dealt.split.fold_validation, 2);
    EXPECT_THAT(dealt.split.validation, ElementsAre(9));
    const auto listed = read("scene: a\nlabels: b\nsplit: {folds: [[0, 7], [3]]}\n");
    EXPECT_THAT(listed.split.folds, ElementsAre(ElementsAre(0, 7), ElementsAre(3)));
    EXPECT_NE(dealt.canonical, listed.canonical);
    EXPECT_FALSE(read("scene: a\nlabels: b\n").split.is_cross_validation());
}

TEST(Training, ReadsLabelsOfAGivenSplitAndValuesToLeaveOut) {
    const auto t = read(
        "scene: a\nlabels: {path: train.tif, validation: more/v.tif, test: test.tif, ignore: [0, 4, 11]}\n"
        "split: {by: given}\n");
    EXPECT_EQ(t.labels[0].validation, "/t/more/v.tif");
    EXPECT_EQ(t.labels[0].test, "/t/test.tif");
    EXPECT_EQ(t.labels[0].ignore, 0);
    EXPECT_THAT(t.labels[0].left_out, ElementsAre(4, 11));
}

TEST(Training, ReadsTheDraws) {
    const auto random = read("scene: a\nlabels: b\nsplit: {by: random, training_pixels: 40, redraw: true}\n");
    EXPECT_EQ(random.split.training_pixels, 40);
    EXPECT_TRUE(random.split.redraw);
    const auto blocks =
        read("scene: a\nlabels: b\nsplit: {by: blocks, tile: 16, validation_share: 0.2, test_share: 0.3}\n");
    EXPECT_EQ(blocks.split.by, "blocks");
    EXPECT_EQ(blocks.split.tile, 16);
    EXPECT_EQ(blocks.split.test_share, 0.3);
}

TEST(Training, AModelToFineTuneStandsForTheArchitecture) {
    const auto t =
        read_training_text("spectile: 1\noutput: m\nstart: ../old\nscene: a\nlabels: b\n", "/t/my.yaml", {});
    EXPECT_EQ(t.start, "/old");
    EXPECT_TRUE(t.architecture.empty());
    EXPECT_EQ(error_of([] {
                  read_training_text("spectile: 1\noutput: m\nscene: a\nlabels: b\n", "/t/my.yaml", {});
              }),
              "78 /t/my.yaml:1: missing key 'architecture' (or start, a model to fine-tune)");
}

TEST(Training, KeysOfAnotherKindOfSplitAreRefused) {
    const auto split = [](const std::string& text) {
        return message("scene: a\nlabels: b\nsplit: {" + text + "}\n");
    };
    EXPECT_EQ(
        split("by: random, tile: 8"),
        "78 /t/my.yaml:6: split.tile: belongs to a split by tiles or blocks, and this one is by random");
    EXPECT_EQ(split("by: blocks, folds: 3"),
              "78 /t/my.yaml:6: split.folds: belongs to a split by tiles, and this one is by blocks");
    EXPECT_EQ(
        split("folds: 3, test: [1]"),
        "78 /t/my.yaml:6: split.test: belongs to a split by tiles without folds, or given, and this one is "
        "by tiles");
    EXPECT_EQ(
        split("validation_tiles: 1"),
        "78 /t/my.yaml:6: split.validation_tiles: belongs to a split by tiles with folds, and this one is "
        "by tiles");
    EXPECT_EQ(
        split("by: given, redraw: true"),
        "78 /t/my.yaml:6: split.redraw: belongs to a split by random or blocks, and this one is by given");
    EXPECT_EQ(split("by: random, training_pixels: 5, test_share: 0.1"),
              "78 /t/my.yaml:6: split.training_pixels: leaves nothing to test_share; give one of the two");
    EXPECT_EQ(split("folds: [[1, 2], [2]]"),
              "78 /t/my.yaml:6: split: 2 is named twice in validation and folds");
    EXPECT_EQ(split("folds: 1"), "78 /t/my.yaml:6: split.folds: must be at least 2, got '1'");
    EXPECT_EQ(message("scene: a\nlabels: {path: b, test: c}\n"),
              "78 /t/my.yaml:1: labels: validation and test belong to a split by given, and this one is by "
              "tiles");
}

TEST(Training, ReadsPatches) {
    const auto t = read(
        "patches: {index: lists/all.csv, bands: [2, 1], resampling: bilinear, offset: -1000, nodata: nan}\n"
        "classes: [water, tree]\nrecipe: {mixup: 0.4, crop_scale: 0.5, centre_share: 0.875}\n");
    ASSERT_TRUE(t.patches);
    EXPECT_EQ(t.patches->index, "/t/lists/all.csv");
    EXPECT_THAT(t.patches->reading.bands, ElementsAre(2, 1));
    EXPECT_EQ(t.patches->reading.resampling, "bilinear");
    EXPECT_EQ(t.patches->reading.offset, -1000);
    EXPECT_TRUE(t.patches->reading.paths.empty());
    EXPECT_EQ(t.split.by, "given") << "by the index's own roles";
    EXPECT_EQ(nlohmann::json::parse(t.recipe)["mixup"], 0.4);
    EXPECT_NE(t.canonical, read("patches: {index: lists/all.csv}\nclasses: [water, tree]\n").canonical);
    EXPECT_EQ(read("patches: {index: folder/}\n").patches->index, "/t/folder");
    const auto drawn = read("patches: {index: a.csv}\nsplit: {by: random, test_share: 0.3, redraw: true}\n");
    EXPECT_EQ(drawn.split.test_share, 0.3);
}

TEST(Training, WhatPatchesHaveNoUseForIsRefused) {
    const std::string part = "patches: {index: a.csv}\n";
    EXPECT_EQ(message(part + "labels: b.tif\n"),
              "78 /t/my.yaml:5: labels: those of patches stand in their index; leave the key out");
    EXPECT_EQ(message(part + "split: {by: tiles}\n"),
              "78 /t/my.yaml:5: split.by: patches are split by given (their index's roles) or random");
    EXPECT_EQ(
        message(part + "split: {by: random, training_pixels: 5}\n"),
        "78 /t/my.yaml:5: split.training_pixels: is for scenes, and this training has patches; leave the "
        "key out");
    EXPECT_EQ(message(part + "split: {validation_share: 0.2}\n"),
              "78 /t/my.yaml:5: split.validation_share: belongs to a split by random or blocks, and this one "
              "is by given");
    EXPECT_THAT(message("patches: {index: a.csv, mask: b.tif}\n"),
                testing::HasSubstr("unknown key 'patches.mask'"));
}

TEST(Training, ReadsAPretraining) {
    const auto t = read(
        "pretraining:\n  index: scenes/all.csv\n  bands: [2, 1]\n  batch: 8\n  betas: [0.8, 0.9]\n"
        "  base_learning_rate: 2e-4\n  stages:\n    - {side: 96, epochs: 200}\n"
        "    - {side: 128, epochs: 100, warmup: 5, positions: reinit, base_learning_rate: 1e-4}\n");
    ASSERT_TRUE(t.pretraining);
    const auto& p = *t.pretraining;
    EXPECT_EQ(p.index, "/t/scenes/all.csv");
    EXPECT_THAT(p.bands, ElementsAre(2, 1));
    EXPECT_THAT(p.betas, ElementsAre(0.8, 0.9));
    EXPECT_EQ(p.weight_decay, 0.05);
    ASSERT_EQ(p.stages.size(), 2u);
    EXPECT_EQ(p.stages[0].warmup, 20) << "a tenth";
    EXPECT_EQ(p.stages[0].base_learning_rate, 2e-4);
    EXPECT_EQ(p.stages[0].positions, "bicubic");
    EXPECT_EQ(p.stages[1].warmup, 5);
    EXPECT_EQ(p.stages[1].positions, "reinit");
    EXPECT_NE(t.canonical.find("\"side\":128"), std::string::npos);
}

TEST(Training, KeysOfLabelsAreRefusedInAPretraining) {
    const std::string part = "pretraining: {index: a.csv, stages: [{side: 96, epochs: 10}]}\n";
    EXPECT_EQ(
        message(part + "recipe: {epochs: 3}\n"),
        "78 /t/my.yaml:5: recipe: belongs to a training with labels, and this one has pretraining; leave the "
        "key out");
    EXPECT_EQ(message(part + "seeds: [1, 2]\n"), "78 /t/my.yaml:5: seeds: a pretraining has one seed");
    EXPECT_EQ(message("pretraining: {index: a.csv, assets: [B1], stages: [{side: 96, epochs: 10}]}\n"),
              "78 /t/my.yaml:4: pretraining.assets: belongs to STAC items, which end in .json");
    EXPECT_EQ(message("pretraining: {index: a.csv, stages: [{side: 96, epochs: 10, warmup: 11}]}\n"),
              "78 /t/my.yaml:4: pretraining.stages: warmup is longer than the stage's epochs");
}

TEST(Training, CanonicalFormIgnoresSpelling) {
    const auto one = read("scene: a\nlabels: {path: b}\nrecipe: {epochs: 3, batch: 2}\n");
    const auto two =
        read("recipe:\n  batch: 2\n  epochs: 3\nlabels: b   # words\nscene: {path: a}\nseeds: [1]\n");
    EXPECT_EQ(one.canonical, two.canonical);
    EXPECT_NE(one.canonical, read("scene: a\nlabels: b\nrecipe: {epochs: 4, batch: 2}\n").canonical);
}

TEST(Training, MistakesAreTold) {
    EXPECT_EQ(message(""), "78 /t/my.yaml:1: missing key: scene, scenes, targets, patches or pretraining");
    EXPECT_EQ(message("scene: a\n"), "78 /t/my.yaml:4: missing key 'labels' (the truth of the scene)");
    EXPECT_EQ(message("scenes: [{path: a, labels: b}]\nlabels: c\n"),
              "78 /t/my.yaml:5: labels: belong to each of the scenes here");
    EXPECT_EQ(message("scenes: [{path: a}]\n"),
              "78 /t/my.yaml:4: missing key 'scenes[0].labels' (The truth of this scene)");
    EXPECT_EQ(message("scenes: [{before: a, labels: b}]\n"),
              "78 /t/my.yaml:4: scenes[0]: expected path, or before and after");
    EXPECT_EQ(message("scenes: [{labels: b}]\n"),
              "78 /t/my.yaml:4: scenes[0]: expected path, or before and after");
    EXPECT_EQ(message("scenes: [{path: a, before: a, after: c, labels: b}]\n"),
              "78 /t/my.yaml:4: scenes[0]: expected path, or before and after");
    EXPECT_EQ(message("scene: a\nlabels: b\nrecipe: {epoch: 3}\n"),
              "78 /t/my.yaml:6: unknown key 'recipe.epoch'; did you mean 'epochs'?");
    EXPECT_EQ(message("scene: a\nlabels: b\nrecipe: {epochs: many}\n"),
              "78 /t/my.yaml:6: recipe.epochs: expected a whole number, got 'many'");
    EXPECT_EQ(message("scene: a\nlabels: b\nrecipe: {augmentation: {spectral_dropout: 2}}\n"),
              "78 /t/my.yaml:6: recipe.augmentation.spectral_dropout: must be at most 1, got '2'");
    EXPECT_EQ(message("scene: a\nlabels: b\nsplit: {validation: [3], test: [3]}\n"),
              "78 /t/my.yaml:6: split: 3 is named twice in validation and test");
    EXPECT_EQ(message("scene: a\nlabels: b\nsplit: {by: random, validation_share: 0.5, test_share: 0.5}\n"),
              "78 /t/my.yaml:6: split: validation_share and test_share leave nothing to train on");
    EXPECT_EQ(message("scene: a\nlabels: b\nseeds: [1, 1]\n"), "78 /t/my.yaml:6: seeds: 1 is given twice");
    EXPECT_EQ(message("scene: a\nlabels: b\nclasses: [{name: a, value: 0}]\n"),
              "78 /t/my.yaml:6: classes[0].value: 0 is also nodata; give the card a nodata that is no class");
    EXPECT_EQ(message("scene: a\nlabels: b\nprepare: [standardize]\n"),
              "78 /t/my.yaml:6: unknown step 'standardize'; did you mean 'standardise'?");
}

}  // namespace
}  // namespace spectile
