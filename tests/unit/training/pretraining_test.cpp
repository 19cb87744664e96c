#include <ATen/TensorOperators.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/zeros_like.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <nlohmann/json.hpp>

#include "core/checksum.hpp"
#include "models/networks/spectral_gpt/encoder.hpp"
#include "models/networks/spectral_gpt/losses.hpp"
#include "models/networks/spectral_gpt/weight_rules.hpp"
#include "pipeline/model_card.hpp"
#include "spectile/error.hpp"
#include "training/pretrain.hpp"
#include "training/pretrain_fit.hpp"
#include "training/without_one_dnn.hpp"
#include "unit/training/index_of_scenes.hpp"

namespace spectile::training {
namespace {

using nlohmann::json;
using testing::HasSubstr;

void backwards(std::int64_t count, const std::function<void(std::int64_t)>& body) {
    for (std::int64_t i = count; i-- > 0;) body(i);
}

std::string weights_after(const Training& training, const TrainingOptions& options = {}) {
    pretrain(training, options, at::kCPU);
    return sha256_of_file(training.output + "/weights.safetensors");
}

TEST(PretrainingRate, WarmsUpAndFallsAlongHalfACosine) {
    const PretrainingStage stage{.side = 96, .epochs = 200, .warmup = 20, .base_learning_rate = 2e-4};
    EXPECT_EQ(pretraining_rate(stage, 0, 4096), 0);
    EXPECT_DOUBLE_EQ(pretraining_rate(stage, 10.5, 4096), 3.2e-3 * 10.5 / 20);
    EXPECT_DOUBLE_EQ(pretraining_rate(stage, 20, 4096), 3.2e-3) << "2e-4 * 4096 / 256";
    EXPECT_NEAR(pretraining_rate(stage, 110, 4096), 1.6e-3, 1e-15) << "half way";
    EXPECT_NEAR(pretraining_rate(stage, 200, 4096), 0, 1e-15);
}

TEST(PretrainingPass, SumsOfPassesAreTheLossOfTheWholeBatch) {
    const WithoutOneDnn without;
    const auto config = entries::parse_spectral_gpt(
        R"({"task": "pretraining", "side": 32, "embed": 24, "depth": 1, "heads": 3, "decoder_embed": 16,
            "decoder_depth": 1, "decoder_heads": 2, "norm_pix_loss": true})",
        "test");
    networks::SpectralGpt network(config, 3);
    const std::int64_t count = 2 * crops_per_pass(config) + 1;
    ASSERT_GT(crops_per_pass(config), 1);
    const MaskedCrops crops{at::rand({count, 12, 32, 32}), networks::masking_noise(1, 1, 0, count, 64)};
    const auto parameters = trainable(network.tensors());
    std::vector<at::Tensor> inputs, sums, others;
    for (const auto& p : parameters) {
        inputs.push_back(p.tensor);
        sums.push_back(at::zeros_like(p.tensor));
        others.push_back(at::zeros_like(p.tensor));
    }
    const auto loss = learn_crops({network, parameters, 1, {}}, crops, sums);
    learn_crops({network, parameters, 4, backwards}, crops, others);

    const auto masking = networks::mask_tokens(crops.noise, config.mask_ratio);
    const auto whole = networks::reconstruction_loss(network.reconstruct(crops.pixels, masking),
                                                     networks::gpt::patchify(config, crops.pixels),
                                                     masking.hidden, config.groups(), true);
    EXPECT_NEAR(loss.mean(), whole.total.item<double>(), 1e-5 * loss.mean());
    const auto expected = torch::autograd::grad({whole.total}, inputs);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        EXPECT_TRUE(sums[i].equal(others[i])) << "same bytes: " << parameters[i].name;
        const auto ours = sums[i] / static_cast<double>(count);
        EXPECT_LE((ours - expected[i]).abs().max().item<float>(),
                  1e-6F + 2e-4F * expected[i].abs().max().item<float>())
            << parameters[i].name;
    }
}

TEST(PretrainingPass, DecaysTablesAndMaskTokenButNoBiasOrNorm) {
    networks::SpectralGpt network(
        entries::parse_spectral_gpt(
            R"({"task": "pretraining", "side": 16, "embed": 24, "depth": 1, "heads": 3})", "test"),
        1);
    for (const auto& t : network.tensors()) EXPECT_EQ(t.decay, t.tensor.dim() > 1) << t.name;
}

TEST(Pretraining, LearnsAndWritesAnEncoderThatAFineTuningReads) {
    const TestFolder folder;
    auto training = pretraining_in(folder);
    training.pretraining->stages = {
        {.side = 16, .epochs = 40, .warmup = 4, .base_learning_rate = 0.5, .positions = "bicubic"}};
    const auto result = pretrain(training, {}, at::kCPU);
    const auto losses = json::parse(result.accuracy).at(0);
    EXPECT_LT(losses["held_out"]["total"], 0.5 * losses["held_out_before"].get<double>()) << losses;
    EXPECT_LT(losses["last"]["token"], 0.5 * losses["first"]["token"].get<double>()) << losses;

    const auto card = read_model_card(training.output);
    const auto parameters = json::parse(card.parameters);
    EXPECT_EQ(parameters["task"], "pretraining");
    EXPECT_EQ(parameters["bands"], 6);
    EXPECT_EQ(card.matching.by, "name");
    EXPECT_EQ(card.bands.front().name, "a");
    const auto said = json::parse(card.training);
    EXPECT_EQ(said["index"]["training"], 3);
    EXPECT_EQ(said["index"]["validation"], 1);
    EXPECT_EQ(said["index"]["dates"][0], "2019-01-01");
    EXPECT_EQ(said["index"]["sha256"], sha256_of_file(training.pretraining->index));
    const auto record = json::parse(result.record);
    EXPECT_EQ(record["trials"][0]["curve"].size(), 40U);
    EXPECT_EQ(record["picture"]["filled_in"].size(), 3U * 16 * 16);

    auto other = parameters;
    other["task"] = "classification";
    other["classes"] = 4;
    networks::SpectralGpt classifier(entries::parse_spectral_gpt(other.dump(), "test"), 9);
    const auto fresh = networks::begin_from_pretraining(weights::SafeTensors::open(card.weights), classifier,
                                                        networks::PositionChange::bicubic);
    EXPECT_THAT(fresh, testing::ElementsAre("head.weight", "head.bias"));
}

TEST(Pretraining, DependsNeitherOnThreadsNorOnOpenScenes) {
    const TestFolder folder;
    auto training = pretraining_in(folder);
    const auto expected = weights_after(training);
    training.output = folder.file("other");
    training.pretraining->open_scenes = 1;
    TrainingOptions options;
    options.threads = 3;
    options.parallel = backwards;
    EXPECT_EQ(weights_after(training, options), expected);
    training.output = folder.file("seeded");
    training.seeds = {2};
    EXPECT_NE(weights_after(training), expected);
}

/// Stops a pretraining after every `calls` questions until it is done; gives how often it was stopped.
int run_in_pieces(const Training& training, const std::string& work, int calls) {
    for (int stops = 0;; ++stops) {
        int left = calls;
        TrainingOptions options;
        options.work = work;
        options.stop = [&] { return left-- <= 0; };
        try {
            pretrain(training, options, at::kCPU);
            return stops;
        } catch (const Error& e) {
            if (e.code() != Code::interrupted) throw;
        }
    }
}

TEST(Pretraining, GoesOnInTheMiddleOfAnEpochWithTheSameBytes) {
    const TestFolder folder;
    auto training = pretraining_in(folder);
    training.pretraining->accumulation = 1;  // Six steps an epoch, five epochs, two stages.
    const auto expected = weights_after(training);
    const auto losses = text_of_file(folder.file("model/losses.json"));
    training.output = folder.file("pieces");
    EXPECT_GT(run_in_pieces(training, folder.file("work"), 7), 4);
    EXPECT_EQ(sha256_of_file(training.output + "/weights.safetensors"), expected);
    EXPECT_EQ(text_of_file(folder.file("pieces/losses.json")), losses);
    training.pretraining->flips = false;
    training.output = folder.file("third");
    TrainingOptions options;
    options.work = folder.file("work");
    try {
        pretrain(training, options, at::kCPU);
        FAIL() << "took another training's checkpoint";
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Code::definition);
        EXPECT_THAT(e.what(), HasSubstr("--restart"));
    }
}

TEST(Pretraining, AStageKeepsTheWeightsAndResizesOrRenewsTheTables) {
    auto config = entries::parse_spectral_gpt(
        R"({"task": "pretraining", "side": 16, "embed": 24, "depth": 1, "heads": 3})", "test");
    networks::SpectralGpt before(config, 1);
    std::map<std::string, at::Tensor> then;
    for (const auto& t : before.tensors()) then[t.name] = t.tensor;
    const auto resized = next_network(before, {.side = 24, .positions = "bicubic"}, 5);
    const auto renewed = next_network(before, {.side = 24, .positions = "reinit"}, 5);
    config.side = 24;
    networks::SpectralGpt drawn(config, 5);
    const auto a = resized->tensors(), b = renewed->tensors(), fresh = drawn.tensors();
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!a[i].name.ends_with("pos_embed_spatial")) {
            EXPECT_TRUE(a[i].tensor.equal(then.at(a[i].name)) && b[i].tensor.equal(then.at(a[i].name)));
            continue;
        }
        EXPECT_EQ(a[i].tensor.size(1), 9) << a[i].name;
        EXPECT_TRUE(b[i].tensor.equal(fresh[i].tensor));
        EXPECT_FALSE(a[i].tensor.equal(fresh[i].tensor));
    }
}

TEST(Pretraining, GoesOnFromAPretrainedModel) {
    const TestFolder folder;
    auto training = pretraining_in(folder);
    pretrain(training, {}, at::kCPU);
    const auto first = json::parse(read_model_card(training.output).training)["losses"];
    training.start = training.output;
    training.output = folder.file("more");
    training.architecture.clear();
    training.parameters = "{}";
    training.prepare.clear();
    training.pretraining->stages.resize(1);
    pretrain(training, {}, at::kCPU);
    const auto card = read_model_card(training.output);
    EXPECT_EQ(card.prepare.size(), 1U);
    const auto more = json::parse(card.training);
    EXPECT_EQ(more["start"]["model"], "tiny");
    EXPECT_LT(more["losses"][0]["held_out_before"], first[0]["held_out_before"]);
}

TEST(Pretraining, LeavesUnusableEntriesOutUpToTheLimit) {
    const TestFolder folder;
    auto training = pretraining_in(folder);
    write_pattern(folder, "small", 8, 8, 1);
    write_pattern(folder, "blank", 32, 32, 1, 32);
    write_pattern(folder, "cut", 32, 32, 1);
    std::filesystem::resize_file(folder.file("cut.dat"), 1000);
    training.pretraining->index = write_index(
        folder, "path\nabsent.dat\none.dat\nsmall.dat\ntwo.dat\nblank.dat\ncut.dat\n", "faulty.csv");
    training.pretraining->left_out_share = 0.5;
    const auto result = pretrain(training, {}, at::kCPU);
    ASSERT_EQ(result.warnings.size(), 3U);
    const auto all = testing::PrintToString(result.warnings);
    EXPECT_THAT(all, HasSubstr("faulty.csv:2: left out: "));
    EXPECT_THAT(all, HasSubstr("faulty.csv:4: left out: "));
    EXPECT_THAT(all, HasSubstr("8x8 at (0, 0) pixels are too few for crops of 16x16"));
    EXPECT_THAT(all, HasSubstr("faulty.csv:7: left out: "));
    const auto said = json::parse(read_model_card(training.output).training)["index"];
    EXPECT_EQ(said["left_out"], 3);
    EXPECT_GT(said["crops_without_measurement"], 0) << "of blank.dat";

    training.output = folder.file("stopped");
    training.pretraining->left_out_share = 0.34;
    try {
        pretrain(training, {}, at::kCPU);
        FAIL() << "went on";
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Code::scene);
        EXPECT_THAT(e.what(), HasSubstr("3 of the 6 entries of faulty.csv cannot be used"));
        EXPECT_THAT(e.what(), HasSubstr("left_out_share allows 2"));
    }
}

TEST(Pretraining, ReadsWithinTheWindowAlone) {
    const TestFolder folder;
    auto training = pretraining_in(folder);
    write_pattern(folder, "right", 40, 16, 0);
    // Only the right part may be read: another left part changes nothing.
    training.pretraining->index =
        write_index(folder, "path,window,crops\nright.dat,20;0;20;16,8\n", "window.csv");
    training.pretraining->stages.resize(1);
    training.pretraining->statistics = "image";
    const auto expected = weights_after(training);
    std::fstream file(folder.file("right.dat"), std::ios::binary | std::ios::in | std::ios::out);
    const float other = 7;
    for (int row = 0; row < 16 * kIndexBands; ++row) {
        file.seekp(row * 40 * 4);
        file.write(reinterpret_cast<const char*>(&other), sizeof other);
    }
    file.close();
    training.output = folder.file("again");
    EXPECT_EQ(weights_after(training), expected);
}

TEST(Pretraining, RefusesWhatCannotBeLearnt) {
    const TestFolder folder;
    const auto message = [&](const std::function<void(Training&)>& change) -> std::string {
        auto training = pretraining_in(folder);
        change(training);
        try {
            pretrain(training, {}, at::kCPU);
        } catch (const Error& e) {
            return e.what();
        }
        return "was accepted";
    };
    EXPECT_THAT(message([](Training& t) { t.architecture = "mim_istd"; }),
                HasSubstr("architecture spectral_gpt"));
    EXPECT_THAT(message([](Training& t) { t.pretraining->stages[1].side = 30; }),
                HasSubstr("multiple of the patch"));
    EXPECT_THAT(message([](Training& t) { t.parameters = R"({"side": 96})"; }), HasSubstr("parameters.side"));
    EXPECT_THAT(message([](Training& t) {
                    t.parameters = R"({"embed": 24, "heads": 3, "mask_ratio": 0.99, "patch": 8})";
                }),
                HasSubstr("leaves none of 8 tokens visible"));
    EXPECT_THAT(message([](Training& t) { t.pretraining->stages[0].base_learning_rate = 1e30; }),
                HasSubstr("is not finite in step"));
}

}  // namespace
}  // namespace spectile::training
