#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/a_pretraining.hpp"

namespace spectile::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// Three scenes to learn from and one held out; `epochs` of five steps in each of two stages.
std::string write_pretraining(const Folder& folder, int epochs) {
    std::filesystem::create_directories(folder / "data");
    for (const int n : {1, 2, 3, 4}) write_wave(folder / ("data/" + std::to_string(n)), n);
    folder.write("data/scenes.csv",
                 "path,role,crops\n1.dat,,10\n2.dat,,10\nabsent.dat,,1\n3.dat,,9\n4.dat,validation,\n");
    const auto count = std::to_string(epochs);
    return folder.write("pretrain.yaml",
                        "spectile: 1\nname: tiny\noutput: \"${OUT}\"\narchitecture: spectral_gpt\n"
                        "parameters: {embed: 24, depth: 1, heads: 3, decoder_embed: 16, decoder_depth: 1, "
                        "decoder_heads: 2, patch: 4, mask_ratio: 0.75}\n"
                        "prepare: [{min_max: {from: scene}}]\n"
                        "pretraining:\n  index: data/scenes.csv\n  batch: 3\n  accumulation: 2\n"
                        "  base_learning_rate: 0.4\n  left_out_share: 0.3\n  checkpoint_steps: 2\n"
                        "  validation_crops: 4\n  stages:\n    - {side: 16, epochs: " +
                            count + "}\n    - {side: 24, epochs: " + count + ", positions: reinit}\n");
}

std::string pretrained_bytes(const Folder& folder, const std::string& name) {
    return text_of(folder / (name + "/weights.safetensors"));
}

TEST(PretrainingCommand, WritesAModelAPageAndLosses) {
    const Folder folder;
    const auto definition = write_pretraining(folder, 12);
    const auto outcome =
        run_spectile({"train", definition, "--set", "vars.OUT=" + folder / "model", "--json"}, 300);
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("scenes.csv:4: left out: "));
    EXPECT_THAT(outcome.err, HasSubstr("stage 2 of 2"));
    const auto losses = json::parse(outcome.out)["losses"];
    ASSERT_EQ(losses.size(), 2U);
    EXPECT_LT(losses[0]["held_out"]["total"], losses[0]["held_out_before"]);
    const auto page = text_of(folder / "model/report.html");
    for (const char* part :
         {"Loss on hidden tokens", "Both, on held-out crops", "What the network saw of it"})
        EXPECT_THAT(page, HasSubstr(part));
    EXPECT_THAT(text_of(folder / "model/model.yaml"), HasSubstr("task: pretraining"));
    const auto info = run_spectile({"info", folder / "model"});
    EXPECT_EQ(info.status, 0) << info.err;
    EXPECT_THAT(info.out, HasSubstr("makes no map itself"));
    EXPECT_EQ(run_spectile({"train", definition, "--set", "vars.OUT=" + folder / "model"}).status, 73)
        << "a model is not replaced unasked";
}

class InterruptedPretraining : public testing::TestWithParam<int> {};

TEST_P(InterruptedPretraining, GoesOnToTheSameBytesWithAnotherNumberOfThreads) {
    const Folder folder;
    const auto definition = write_pretraining(folder, 40);
    ASSERT_EQ(
        run_spectile({"train", definition, "--set", "vars.OUT=" + folder / "straight", "--threads", "1"}, 300)
            .status,
        0);
    const auto checkpoint = folder / "work/checkpoint.safetensors";
    const auto first = run({built("spectile"), "train", definition, "--set", "vars.OUT=" + folder / "resumed",
                            "--work", folder / "work", "--threads", "3"},
                           300, {[&] { return std::filesystem::exists(checkpoint); }, GetParam()});
    EXPECT_EQ(first.status, GetParam() == SIGKILL ? 128 + SIGKILL : 75) << first.err;
    EXPECT_FALSE(std::filesystem::exists(folder / "resumed"));
    const auto again = run_spectile({"train", definition, "--set", "vars.OUT=" + folder / "resumed", "--work",
                                     folder / "work", "--threads", "2"},
                                    300);
    ASSERT_EQ(again.status, 0) << again.err;
    EXPECT_TRUE(pretrained_bytes(folder, "straight") == pretrained_bytes(folder, "resumed"));
    EXPECT_EQ(text_of(folder / "straight/losses.json"), text_of(folder / "resumed/losses.json"));
}

INSTANTIATE_TEST_SUITE_P(Signals, InterruptedPretraining, testing::Values(SIGTERM, SIGKILL),
                         [](const auto& test) { return std::string(sigabbrev_np(test.param)); });

}  // namespace
}  // namespace spectile::test
