#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/a_pretraining.hpp"
#include "cli/interrupted_training.hpp"

namespace spectile::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST(PretrainingCommand, WritesAModelAPageAndLosses) {
    const Folder folder;
    const auto definition = write_pretraining(folder, {.epochs = 12, .accumulation = 2});
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
    const auto definition = write_pretraining(folder, {.epochs = 40, .accumulation = 2});
    expect_the_same_after(GetParam(), folder, definition, {"weights.safetensors", "losses.json"});
}

INSTANTIATE_TEST_SUITE_P(Signals, InterruptedPretraining, testing::Values(SIGTERM, SIGKILL), name_of_signal);

}  // namespace
}  // namespace spectile::test
