// Tile networks by LibTorch's operators, as a CUDA device runs them, here on the CPU: against the kernels.
#include "models/networks/tile_on_device.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <c10/util/Exception.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
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

/// In 16 bits outputs move, but not far.
template <class Network, class Config>
void expect_near_in_16_bits(const Config& config, const Cube& cube, float tolerance) {
    const auto on = [&](Precision precision) {
        return predict(*make_tile_model_on("cpu", std::make_shared<Network>(config, 3), precision), cube);
    };
    const auto full = on(Precision::float32), brain = on(Precision::bfloat16), half = on(Precision::float16);
    EXPECT_NE(half.values, full.values);
    EXPECT_NE(brain.values, half.values);
    expect_close(half, full, tolerance);
    expect_close(brain, full, 8 * tolerance);
}

TEST(TilePrecision, OfMimIstdIsOfProductsAlone) {
    const auto config = entries::parse_mim_istd(
        R"({"outer": [8, 16, 32, 64], "words": [2, 4, 8, 16], "depths": [1, 1, 1, 1], "tile": 64})", "test");
    expect_near_in_16_bits<MimIstd>(config, random_cube(64, 3), 0.03F);
}

TEST(TilePrecision, OfSpectralGptIsOfProductsAlone) {
    const auto config = entries::parse_spectral_gpt(
        R"({"side": 32, "embed": 24, "depth": 2, "heads": 3, "bands": 12, "head_channels": 128, "classes": 5})",
        "test");
    expect_near_in_16_bits<SpectralGpt>(config, random_cube(32, 12), 0.01F);
}

/// Twice the input, on a device with room for so many tiles; remembers how many it was asked for.
class Doubling final : public Network {
public:
    Doubling(std::int64_t room, std::vector<std::int64_t>& asked, float by_place = 0)
        : room_(room), asked_(asked), by_place_(by_place) {}
    at::Tensor forward(const at::Tensor& x, const Observer&) override {
        asked_.push_back(x.size(0));
        if (x.size(0) > room_) throw c10::OutOfMemoryError({__func__, __FILE__, __LINE__}, "out of memory");
        auto places = at::arange(x.size(0), at::kFloat).view({-1, 1, 1, 1});
        return x * 2 + places * by_place_;
    }
    int window() const override { return 0; }
    std::vector<NamedTensor> tensors() override { return {}; }

private:
    std::int64_t room_;
    std::vector<std::int64_t>& asked_;
    float by_place_;
};

class TileBatches : public testing::Test {
protected:
    /// Five tiles of eight places; the third one is nobody's.
    TileBatches() : cubes(8), predictions(8) {
        for (std::size_t i = 0; i < 6; ++i) cubes[i] = random_cube(4, 1);
        for (std::size_t i = 0; i < 6; ++i)
            for (auto& value : cubes[i].values) value += static_cast<float>(10 * i);
        cubes[2] = {};
    }
    static std::unique_ptr<Model> model(std::shared_ptr<Network> network, std::size_t free = 0) {
        return make_tile_on_device(std::move(network), {.device = "cpu",
                                                        .channels = 1,
                                                        .finish = {},
                                                        .workspace_bytes_per_pixel = 10,
                                                        .free_bytes = [free](const auto&) { return free; }});
    }
    void run(Runner& runner) {
        runner.predict(cubes, predictions, [](std::int64_t count, const auto& body) {
            while (count-- > 0) body(count);
        });
    }
    void expect_doubled() {
        for (std::size_t i = 0; i < cubes.size(); ++i) {
            ASSERT_EQ(predictions[i].values.size(), cubes[i].values.size()) << i;
            for (std::size_t k = 0; k < cubes[i].values.size(); ++k)
                ASSERT_EQ(predictions[i].values[k], 2 * cubes[i].values[k]) << i;
            EXPECT_EQ(predictions[i].valid, cubes[i].valid);
        }
    }
    std::vector<Cube> cubes;
    std::vector<Prediction> predictions;
    std::vector<std::int64_t> asked;
};

TEST_F(TileBatches, GoThroughTheNetworkAtOnceWhateverPlacesAreTaken) {
    const auto runner = model(std::make_shared<Doubling>(8, asked))->start();
    run(*runner);
    expect_doubled();
    run(*runner);
    EXPECT_THAT(asked, testing::ElementsAre(8, 8, 8)) << "the first one compares the places";
}

TEST_F(TileBatches, WithoutRoomAreHalvedAndGiveTheSame) {
    for (const std::int64_t room : {7, 4, 3, 1}) {
        asked.clear();
        const auto shared = model(std::make_shared<Doubling>(room, asked));
        run(*shared->start());
        expect_doubled();
        EXPECT_GT(asked.front(), room);
        asked.clear();
        run(*shared->start());
        EXPECT_LE(*std::max_element(asked.begin(), asked.end()), room)
            << "the model remembers what there was room for, whichever runner met it";
    }
}

TEST_F(TileBatches, WhosePlacesDifferAreGivenUp) {
    const auto runner = model(std::make_shared<Doubling>(8, asked, 1e-3F))->start();
    run(*runner);
    expect_doubled();
    EXPECT_THAT(asked, testing::ElementsAre(8, 1, 1, 1, 1, 1));
}

TEST_F(TileBatches, OfTilesOfSeveralShapesAreGivenUp) {
    cubes[5] = random_cube(6, 1);
    run(*model(std::make_shared<Doubling>(8, asked))->start());
    expect_doubled();
}

TEST_F(TileBatches, AreAsLargeAsHalfTheFreeMemoryHolds) {
    const auto network = std::make_shared<Doubling>(8, asked);
    const auto batch = [&](std::size_t free, int most) { return model(network, free)->batch(100, most); };
    EXPECT_EQ(batch(0, 16), 1) << "nothing is known of the device";
    EXPECT_EQ(batch(1, 16), 1) << "what is too large for one tile shows when it runs";
    EXPECT_EQ(batch(std::size_t{1} << 30, 16), 16);
    EXPECT_EQ(batch(std::size_t{1} << 30, 4), 4);
    std::size_t one = 1;
    while (batch(one, 16) < 2) one *= 2;
    EXPECT_EQ(batch(2 * one, 16), 4) << "a power of two, by the tile's workspace";
}

TEST(TilePrecision, NumbersBeyondFloat16AreRefused) {
    Cube cube = random_cube(4, 1);
    std::fill(cube.values.begin(), cube.values.end(), std::numeric_limits<float>::infinity());
    std::vector<std::int64_t> asked;
    const auto model =
        make_tile_on_device(std::make_shared<Doubling>(1, asked),
                            {.device = "cpu", .channels = 1, .finish = {}, .precision = Precision::float16});
    try {
        predict(*model, cube);
        FAIL() << "nothing was thrown";
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Code::model);
        EXPECT_THAT(e.what(), HasSubstr("leave its range of 65504; use bfloat16"));
    }
}

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

TEST(OverDevices, ABatchIsWhatTheFullestOneHolds) {
    const auto model = over_devices({"cuda:0", "cuda:1"}, [](const std::string& device) {
        const std::size_t free = device == "cuda:0" ? std::size_t{1} << 30 : 50000;
        return make_tile_on_device(std::make_shared<Named>(1.0F),
                                   {.device = "cpu",
                                    .channels = 1,
                                    .finish = {},
                                    .workspace_bytes_per_pixel = 10,
                                    .free_bytes = [=](const auto&) { return free; }});
    });
    EXPECT_EQ(model->batch(100, 16), 4);
}

}  // namespace
}  // namespace spectile::networks
