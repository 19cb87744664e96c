#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "kernels/target.hpp"
#include "spectile/error.hpp"
#include "spectile/module.hpp"

namespace spectile {
namespace {

Code code_of(const ModelCard& card, const std::string& device) {
    try {
        load_model(card, device);
    } catch (const Error& e) {
        EXPECT_THAT(e.what(), testing::Not(testing::HasSubstr("\n")));
        return e.code();
    }
    ADD_FAILURE() << "nothing was thrown";
    return Code::internal;
}

ModelCard mamba_card() {
    ModelCard card;
    card.file = "m/model.yaml";
    card.architecture = "spectral_mamba";
    card.parameters = R"({"bands": 5, "classes": 2})";
    return card;
}

// A process of its own, since the module is opened once.
TEST(LoaderDeathTest, AbsentModuleIsADeviceError) {
    const auto attempt = [] {
        ::setenv("SPECTILE_MODULE", "/nonexistent/spectile_networks.so", 1);
        try {
            network_module();
        } catch (const Error& e) {
            std::fprintf(stderr, "%d %s\n", exit_code(e.code()), e.what());
            std::_Exit(3);
        }
        std::_Exit(0);
    };
    EXPECT_EXIT(attempt(), testing::ExitedWithCode(3), "69 .*SPECTILE_MODULE");
}

// LibTorch's loading takes longer than a small scene, and not every machine has it.
TEST(LoaderDeathTest, SpectralMambaOnTheCpuNeedsNoModule) {
    const auto attempt = [] {
        ::setenv("SPECTILE_MODULE", "/nonexistent/spectile_networks.so", 1);
        try {
            load_model(mamba_card(), "cpu");
        } catch (const Error& e) {
            std::fprintf(stderr, "%d %s\n", exit_code(e.code()), e.what());
            std::_Exit(3);
        }
        std::_Exit(0);
    };
    EXPECT_EXIT(attempt(), testing::ExitedWithCode(3), "m/model.yaml: weights: is missing");
}

TEST(Loader, ModuleDescribesItsLibraries) {
    const auto description = nlohmann::json::parse(network_module().describe());
    EXPECT_THAT(description.at("libtorch").get<std::string>(), testing::MatchesRegex("[0-9]+\\.[0-9]+.*"));
    EXPECT_NE(description.at("aten_capability"), "unknown");
    EXPECT_FALSE(description.at("kernels").get<std::string>().empty());
    EXPECT_TRUE(description.contains("openblas_core"));
    EXPECT_TRUE(description.contains("onednn"));
}

TEST(Loader, LevelPinnedInTheProgramHoldsInTheModule) {
    const auto level = [] { return nlohmann::json::parse(network_module().describe()).at("kernels"); };
    for (const auto& target : kernels::available_targets()) {
        kernels::pin_target(target);
        EXPECT_EQ(level(), target);
    }
    kernels::pin_target("auto");
    EXPECT_EQ(level(), kernels::target_name());
}

TEST(Loader, RandomWeightsRunAndDependOnTheSeedAlone) {
    Cube cube;
    cube.reset({0, 0, 5, 4}, 5);
    for (std::size_t i = 0; i < cube.values.size(); ++i) cube.values[i] = static_cast<float>(i % 7) - 3;
    std::fill(cube.valid.begin(), cube.valid.end(), std::uint8_t{1});
    const auto predict = [&](std::uint64_t seed) {
        Prediction out;
        const auto model = network_module().load_random(mamba_card(), seed, "cpu");
        model->start()->predict({&cube, 1}, {&out, 1}, [](std::int64_t count, const auto& body) {
            for (std::int64_t i = 0; i < count; ++i) body(i);
        });
        return out.values;
    };
    EXPECT_EQ(predict(1), predict(1));
    EXPECT_NE(predict(1), predict(2));
}

TEST(Loader, ErrorsOfTheModuleKeepTheirCode) {
    auto card = mamba_card();
    EXPECT_EQ(code_of(card, "cpu"), Code::model) << "no weights named";
    card.weights = "/nonexistent/weights.safetensors";
    EXPECT_EQ(code_of(card, "cpu"), Code::model) << "weights absent";
    EXPECT_EQ(code_of(card, "tpu"), Code::usage);
}

TEST(Loader, CudaWithoutADeviceIsADeviceError) {
    if (std::system("nvidia-smi >/dev/null 2>&1") == 0) GTEST_SKIP() << "this machine has a CUDA device";
    EXPECT_EQ(code_of(mamba_card(), "cuda"), Code::device);
    EXPECT_EQ(code_of(mamba_card(), "cuda:1"), Code::device);
}

}  // namespace
}  // namespace spectile
