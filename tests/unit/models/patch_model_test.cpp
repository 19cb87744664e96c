#include "models/networks/patch_model.hpp"

#include <ATen/ops/zeros.h>
#include <c10/util/Exception.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "models/networks/registry.hpp"
#include "models/networks/spectral_mamba/network.hpp"
#include "spectile/error.hpp"

namespace spectile::networks {
namespace {

constexpr const char* kParameters =
    R"({"bands": 11, "classes": 3, "piece_len": 4, "d_model": 8, "d_state": 4})";
constexpr int kClasses = 3;

Cube random_cube(const Window& window, int bands) {
    Cube cube;
    cube.reset(window, bands);
    std::mt19937 engine(9);
    std::normal_distribution<float> normal;
    for (auto& value : cube.values) value = normal(engine);
    for (auto& valid : cube.valid) valid = engine() % 5 != 0;
    return cube;
}

Prediction predict(Runner& runner, const Cube& cube) {
    Prediction out;
    runner.predict({&cube, 1}, {&out, 1}, [](std::int64_t count, const auto& body) {
        while (count-- > 0) body(count);
    });
    return out;
}

/// SpectralMamba on a device that has room for `room` pixels; remembers the batches that it was asked for.
class Cramped final : public Network {
public:
    Cramped(std::int64_t room, std::vector<std::int64_t>& asked)
        : network_(entries::parse_spectral_mamba(kParameters, "test"), 5), room_(room), asked_(asked) {}
    at::Tensor forward(const at::Tensor& x, const Observer& observe) override {
        asked_.push_back(x.size(0));
        if (x.size(0) > room_) throw c10::OutOfMemoryError({__func__, __FILE__, __LINE__}, "out of memory");
        return network_.forward(x, observe);
    }
    int window() const override { return network_.window(); }
    std::vector<NamedTensor> tensors() override { return network_.tensors(); }

private:
    SpectralMamba network_;
    std::int64_t room_;
    std::vector<std::int64_t>& asked_;
};

class PatchModelTest : public testing::Test {
protected:
    PatchModelTest() {
        card.file = "m/model.yaml", card.architecture = "spectral_mamba", card.parameters = kParameters;
    }
    std::unique_ptr<Runner> runner(std::int64_t room, std::int64_t pixels) {
        return make_patch_model(std::make_unique<Cramped>(room, asked),
                                {.device = "cpu", .classes = kClasses, .pixels = pixels})
            ->start();
    }
    static void expect_close(const Prediction& a, const Prediction& b) {
        ASSERT_EQ(a.window, b.window);
        EXPECT_EQ(a.valid, b.valid);
        EXPECT_THAT(a.values, testing::Pointwise(testing::FloatNear(1e-5F), b.values));
    }
    ModelCard card;
    std::vector<std::int64_t> asked;
    const Cube cube = random_cube({40, 30, 21, 13}, 11);
};

TEST_F(PatchModelTest, GivesWhatTheDenseModelGivesWhateverTheBatch) {
    const auto dense = network_entry("spectral_mamba").load_random(card, 5, "cpu")->start();
    const auto expected = predict(*dense, cube);
    for (const std::int64_t pixels : {1, 7, 19, 20, 100, 8192}) {
        const auto patches = runner(1000, pixels);
        expect_close(predict(*patches, cube), expected);
        EXPECT_LE(*std::max_element(asked.begin(), asked.end()), pixels);
        asked.clear();
    }
}

TEST_F(PatchModelTest, In16BitsItGivesNearlyTheSame) {
    const auto on = [&](Precision precision) {
        return predict(*make_patch_model(std::make_unique<Cramped>(1000, asked),
                                         {.device = "cpu", .classes = kClasses, .precision = precision})
                            ->start(),
                       cube);
    };
    const auto full = on(Precision::float32), half = on(Precision::float16), brain = on(Precision::bfloat16);
    EXPECT_NE(half.values, full.values);
    EXPECT_NE(half.values, brain.values);
    EXPECT_THAT(half.values, testing::Pointwise(testing::FloatNear(2e-3F), full.values));
    EXPECT_THAT(brain.values, testing::Pointwise(testing::FloatNear(2e-2F), full.values));
}

TEST_F(PatchModelTest, OutOfMemoryHalvesTheBatchAndGivesTheSame) {
    const auto expected = predict(*runner(1000, 8192), cube);
    for (const std::int64_t room : {150, 19, 18, 5, 1}) {
        asked.clear();
        const auto cramped = runner(room, 8192);
        expect_close(predict(*cramped, cube), expected);
        EXPECT_GT(asked.front(), room);
        asked.clear();
        expect_close(predict(*cramped, cube), expected);
        EXPECT_LE(*std::max_element(asked.begin(), asked.end()), room)
            << "the runner remembers what there was room for";
    }
}

TEST_F(PatchModelTest, NoRoomForASinglePixelIsAMemoryErrorThatNamesTheWindow) {
    try {
        predict(*runner(0, 8192), cube);
        ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::memory);
        EXPECT_THAT(error.what(), testing::HasSubstr(to_string(Window{41, 31, 19, 11})));
    }
}

}  // namespace
}  // namespace spectile::networks
