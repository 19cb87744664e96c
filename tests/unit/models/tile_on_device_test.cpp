// Tile networks by LibTorch's operators, as a CUDA device runs them, here on the CPU: against the kernels.
#include "models/networks/tile_on_device.hpp"

#include <ATen/TensorOperators.h>
#include <c10/util/Exception.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "models/networks/mim_istd/tile_model.hpp"
#include "models/networks/over_devices.hpp"
#include "models/networks/spectral_gpt/tile_model.hpp"
#include "spectile/error.hpp"

namespace spectile::networks {
namespace {

using testing::HasSubstr;

Cube random_cube(std::int64_t side, int bands) {
    Cube cube;
    cube.reset({40, 30, side, side}, bands);
    std::mt19937 engine(9);
    std::normal_distribution<float> normal;
    for (auto& value : cube.values) value = normal(engine);
    for (auto& valid : cube.valid) valid = engine() % 5 != 0;
    return cube;
}

Prediction predict(const Model& model, const Cube& cube) {
    Prediction out;
    const auto runner = model.start();
    runner->predict({&cube, 1}, {&out, 1}, [](std::int64_t count, const auto& body) {
        while (count-- > 0) body(count);
    });
    return out;
}

void expect_close(const Prediction& a, const Prediction& b, float tolerance) {
    ASSERT_EQ(a.window, b.window);
    ASSERT_EQ(a.channels, b.channels);
    EXPECT_EQ(a.valid, b.valid);
    EXPECT_THAT(a.values, testing::Pointwise(testing::FloatNear(tolerance), b.values));
}

class MimIstdOnDevice : public testing::TestWithParam<const char*> {};

TEST_P(MimIstdOnDevice, GivesWhatTheKernelsGive) {
    const auto config = entries::parse_mim_istd(
        R"({"outer": [8, 16, 32, 64], "words": [2, 4, 8, 16], "depths": [1, 2, 1, 1], "tile": 128, )" +
            std::string(GetParam()) + "}",
        "test");
    const Cube cube = random_cube(128, 3);
    const auto by_kernels = predict(*make_tile_model(std::make_shared<MimIstd>(config, 3)), cube);
    const auto on_device = predict(*make_tile_model_on("cpu", std::make_shared<MimIstd>(config, 3)), cube);
    expect_close(on_device, by_kernels, 1e-3F);
}

INSTANTIATE_TEST_SUITE_P(Layouts, MimIstdOnDevice,
                         testing::Values(R"("layout": "official")", R"("layout": "spatial")"));

class SpectralGptOnDevice : public testing::TestWithParam<const char*> {};

TEST_P(SpectralGptOnDevice, GivesWhatTheKernelsGive) {
    const auto config = entries::parse_spectral_gpt(
        R"({"side": 32, "embed": 24, "depth": 2, "heads": 3, "bands": 12, "head_channels": 128, )" +
            std::string(GetParam()) + "}",
        "test");
    const Cube cube = random_cube(32, static_cast<int>(config.input_bands()));
    const auto by_kernels = predict(*make_tile_model(std::make_shared<SpectralGpt>(config, 3)), cube);
    const auto on_device =
        predict(*make_tile_model_on("cpu", std::make_shared<SpectralGpt>(config, 3)), cube);
    expect_close(on_device, by_kernels, 1e-4F);
}

INSTANTIATE_TEST_SUITE_P(Tasks, SpectralGptOnDevice,
                         testing::Values(R"("task": "segmentation", "classes": 5)", R"("task": "change")",
                                         R"("task": "classification", "classes": 4)",
                                         R"("task": "classification", "classes": 4, "multi_label": true)"));

/// A device without room.
class Full final : public Network {
public:
    at::Tensor forward(const at::Tensor&, const Observer&) override {
        throw c10::OutOfMemoryError({__func__, __FILE__, __LINE__}, "out of memory");
    }
    int window() const override { return 0; }
    std::vector<NamedTensor> tensors() override { return {}; }
};

TEST(TileOnDevice, WithoutRoomNamesTheWindowAndTheDevice) {
    const auto model =
        make_tile_on_device(std::make_shared<Full>(), {.device = "cpu", .channels = 1, .finish = {}});
    try {
        predict(*model, random_cube(8, 1));
        FAIL() << "nothing was thrown";
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Code::memory);
        EXPECT_THAT(e.what(), HasSubstr("window 8x8 at (40, 30)"));
        EXPECT_THAT(e.what(), HasSubstr("cpu has no memory for this tile; lower tiling.tile"));
    }
}

/// Says where it was.
class Named final : public Network {
public:
    explicit Named(float value) : value_(value) {}
    at::Tensor forward(const at::Tensor& x, const Observer&) override { return x * 0 + value_; }
    int window() const override { return 0; }
    std::vector<NamedTensor> tensors() override { return {}; }

private:
    float value_;
};

TEST(OverDevices, WorkersTakeTheDevicesInTurn) {
    std::vector<std::string> made;
    const auto model = over_devices({"cuda:1", "cuda:3"}, [&](const std::string& device) {
        made.push_back(device);
        return make_tile_on_device(std::make_shared<Named>(static_cast<float>(made.size())),
                                   {.device = "cpu", .channels = 1, .finish = {}});
    });
    EXPECT_THAT(made, testing::ElementsAre("cuda:1", "cuda:3"));
    std::vector<float> met;
    for (int worker = 0; worker < 4; ++worker) met.push_back(predict(*model, random_cube(2, 1)).values[0]);
    EXPECT_THAT(met, testing::ElementsAre(1, 2, 1, 2));
}

}  // namespace
}  // namespace spectile::networks
