#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <limits>
#include <numeric>

#include "spectile/error.hpp"
#include "spectile/module.hpp"
#include "weights/safetensors.hpp"

namespace spectile {
namespace {

void serially(std::int64_t count, const std::function<void(std::int64_t)>& body) {
    for (std::int64_t i = 0; i < count; ++i) body(i);
}

ModelCard identity_card(int halo) {
    ModelCard card;
    card.file = "model.yaml";
    card.architecture = "identity";
    card.halo = halo;
    return card;
}

TEST(Identity, GivesTheCoreBackBitForBit) {
    Cube cube;
    cube.reset({-2, 8, 7, 6}, 3);
    std::iota(cube.values.begin(), cube.values.end(), -5.0F);
    cube.values[1 * 42 + 2 * 7 + 3] = std::numeric_limits<float>::denorm_min();
    std::fill(cube.valid.begin(), cube.valid.end(), std::uint8_t{1});
    cube.valid[3 * 7 + 2] = 0;
    Prediction out;
    load_model(identity_card(2), "auto")->start()->predict({&cube, 1}, {&out, 1}, serially);
    EXPECT_EQ(out.window, (Window{0, 10, 3, 2}));
    ASSERT_EQ(out.channels, 3);
    for (int band = 0; band < 3; ++band)
        for (std::int64_t row = 0; row < 2; ++row)
            for (std::int64_t col = 0; col < 3; ++col)
                EXPECT_EQ(out.channel(band)[static_cast<std::size_t>(row * 3 + col)],
                          cube.band(band)[static_cast<std::size_t>((row + 2) * 7 + col + 2)]);
    EXPECT_THAT(out.valid, testing::ElementsAre(1, 1, 1, 0, 1, 1));
}

class SelfTest : public testing::Test {
protected:
    void SetUp() override { std::filesystem::create_directories(folder_); }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    /// Writes a self-test of a 1-band 2x2 identity whose stored output is off by `off`.
    std::string message(float off, float tolerance) {
        const std::vector<float> input = {1, 2, 3, 4}, output = {1, 2, 3 + off, 4};
        const auto view = [](const std::vector<float>& values, std::vector<std::int64_t> shape) {
            return weights::TensorView{weights::ElementType::F32, std::move(shape),
                                       std::as_bytes(std::span(values))};
        };
        const std::vector<float> allowed = {tolerance};
        auto card = identity_card(0);
        card.selftest = (folder_ / "selftest.safetensors").string();
        weights::write_safetensors(card.selftest,
                                   {{"input", view(input, {1, 2, 2})},
                                    {"output", view(output, {1, 2, 2})},
                                    {"tolerance", view(allowed, {1})}},
                                   {});
        try {
            load_model(card, "cpu");
        } catch (const Error& e) {
            EXPECT_EQ(e.code(), Code::verification);
            return e.what();
        }
        return "passed";
    }

private:
    std::filesystem::path folder_ =
        std::filesystem::path(testing::TempDir()) / ("selftest_" + std::to_string(::getpid()));
};

TEST_F(SelfTest, PassesWithinTheTolerance) { EXPECT_EQ(message(0.25F, 0.25F), "passed"); }
TEST_F(SelfTest, FailsBeyondTheTolerance) {
    EXPECT_THAT(message(0.5F, 0.25F), testing::HasSubstr("differs from the stored one by 0.5"));
}
TEST_F(SelfTest, FailsOnNaN) { EXPECT_THAT(message(NAN, 0.25F), testing::HasSubstr("differs")); }

}  // namespace
}  // namespace spectile
