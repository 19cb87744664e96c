#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/script.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <numeric>

#include "core/checksum.hpp"
#include "models/networks/registry.hpp"
#include "spectile/error.hpp"

namespace spectile::networks {
namespace {

using testing::HasSubstr;

class Torchscript : public testing::Test {
protected:
    void SetUp() override { std::filesystem::create_directories(folder_); }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    /// A card whose network.pt has this forward method.
    ModelCard card_of(const std::string& forward, const std::string& parameters) {
        torch::jit::Module module("network");
        module.define("def forward(self, x):\n    " + forward + "\n");
        ModelCard card;
        card.file = (folder_ / "model.yaml").string();
        card.architecture = "torchscript";
        card.parameters = parameters;
        card.weights = (folder_ / "network.pt").string();
        module.save(card.weights);
        card.weights_sha256 = sha256_of_file(card.weights);
        return card;
    }

    static std::unique_ptr<Model> load(const ModelCard& card) {
        return network_entry("torchscript").load(card, "auto");
    }

    static Prediction predict(const ModelCard& card, const Cube& cube) {
        Prediction out;
        load(card)->start()->predict({&cube, 1}, {&out, 1}, [](std::int64_t, const auto&) {});
        return out;
    }

    template <typename Act>
    static std::pair<Code, std::string> failure(Act act) {
        try {
            act();
        } catch (const Error& e) {
            EXPECT_THAT(e.what(), testing::Not(HasSubstr("\n")));
            return {e.code(), e.what()};
        }
        return {Code::internal, "nothing was thrown"};
    }

private:
    std::filesystem::path folder_ =
        std::filesystem::path(testing::TempDir()) / ("torchscript_" + std::to_string(::getpid()));
};

Cube ramp(const Window& window, int bands) {
    Cube cube;
    cube.reset(window, bands);
    std::iota(cube.values.begin(), cube.values.end(), 1.0F);
    std::fill(cube.valid.begin(), cube.valid.end(), std::uint8_t{1});
    return cube;
}

TEST_F(Torchscript, LocalNetworkIsTrimmedByItsHalo) {
    const auto card = card_of("return x * 2 + 1", R"({"channels": 2, "halo": 1, "local": true})");
    const auto cube = ramp({10, 20, 5, 4}, 2);
    const auto got = predict(card, cube);
    EXPECT_EQ(got.window, (Window{11, 21, 3, 2}));
    EXPECT_EQ(got.channel(1)[0], cube.band(1)[5 + 1] * 2 + 1);
    EXPECT_EQ(got.channel(0)[5], cube.band(0)[2 * 5 + 3] * 2 + 1);
}

TEST_F(Torchscript, GlobalNetworkKeepsItsWindow) {
    const auto cube = ramp({0, 0, 4, 4}, 1);
    EXPECT_EQ(predict(card_of("return x", R"({"channels": 1, "halo": 1})"), cube).values, cube.values);
}

TEST_F(Torchscript, SmallerOutputIsCentredAndTheRestNotValid) {
    const auto cube = ramp({0, 0, 6, 6}, 1);
    const auto global =
        predict(card_of("return x[:, :, 1:-1, 1:-1]", R"({"channels": 1, "halo": 2, "crop": 1})"), cube);
    EXPECT_EQ(global.window, cube.window);
    EXPECT_EQ(std::accumulate(global.valid.begin(), global.valid.end(), 0), 16);
    EXPECT_EQ(global.values[7], cube.values[7]);
    EXPECT_EQ(global.values[0], 0);
    const auto local = predict(
        card_of("return x[:, :, 1:-1, 1:-1]", R"({"channels": 1, "halo": 2, "crop": 1, "local": true})"),
        cube);
    EXPECT_EQ(local.window, (Window{2, 2, 2, 2}));
    EXPECT_EQ(local.values[0], cube.values[14]);
    EXPECT_THAT(local.valid, testing::Each(1));
}

TEST_F(Torchscript, ActivationRunsOverChannels) {
    const auto got = predict(card_of("return x * 0", R"({"channels": 4, "activation": "softmax"})"),
                             ramp({0, 0, 2, 2}, 4));
    EXPECT_THAT(got.values, testing::Each(0.25F));
    const auto sigmoid = predict(card_of("return x * 0", R"({"channels": 1, "activation": "sigmoid"})"),
                                 ramp({0, 0, 2, 2}, 1));
    EXPECT_THAT(sigmoid.values, testing::Each(0.5F));
}

TEST_F(Torchscript, InPlaceNetworksLeaveTheCubeAlone) {
    const auto cube = ramp({0, 0, 2, 2}, 1);
    predict(card_of("return x.mul_(0)", R"({"channels": 1})"), cube);
    EXPECT_EQ(cube.values[3], 4);
}

TEST_F(Torchscript, CodeWithoutItsHashDoesNotRun) {
    auto card = card_of("return x", R"({"channels": 1})");
    card.weights_sha256.clear();
    const auto absent = failure([&] { load(card); });
    EXPECT_EQ(absent.first, Code::model);
    EXPECT_THAT(absent.second, HasSubstr("must hold the SHA-256"));
    card.weights_sha256 = std::string(64, '0');
    EXPECT_EQ(failure([&] { load(card); }).first, Code::verification);
}

TEST_F(Torchscript, OtherFilesAreRefusedInOneLine) {
    auto card = card_of("return x", R"({"channels": 1})");
    std::ofstream(card.weights) << "not a network";
    card.weights_sha256 = sha256_of_file(card.weights);
    const auto [code, message] = failure([&] { load(card); });
    EXPECT_EQ(code, Code::model);
    EXPECT_THAT(message, HasSubstr("network.pt: is not a TorchScript network"));
}

TEST_F(Torchscript, WhatTheCardSaysMustHold) {
    const auto cube = ramp({0, 0, 4, 4}, 2);
    const auto wrong = failure([&] { predict(card_of("return x", R"({"channels": 3})"), cube); });
    EXPECT_EQ(wrong.first, Code::model);
    EXPECT_THAT(wrong.second, HasSubstr("gives [1, 2, 4, 4], its card (channels, crop) says [1, 3, 4, 4]"));
    EXPECT_THAT(
        failure([&] { predict(card_of("return x", R"({"channels": 2, "input": [3, 0, 0]})"), cube); }).second,
        HasSubstr("reads 3 bands, not 2"));
    EXPECT_THAT(
        failure([&] { predict(card_of("return x", R"({"channels": 2, "input": [2, 8, 8]})"), cube); }).second,
        HasSubstr("reads 8x8 pixels, not window 4x4"));
    EXPECT_THAT(
        failure([&] { predict(card_of("return x.reshape(7, 7)", R"({"channels": 2})"), cube); }).second,
        HasSubstr("fails on its input"));
    EXPECT_THAT(failure([&] { predict(card_of("return 1", R"({"channels": 2})"), cube); }).second,
                HasSubstr("gives no tensor"));
}

}  // namespace
}  // namespace spectile::networks
