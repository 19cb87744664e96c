#include "training/mixed_precision.hpp"

#include <ATen/autocast_mode.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "labelled_patches.hpp"
#include "spectile/error.hpp"
#include "target_example.hpp"
#include "training/fit.hpp"
#include "training/optimiser.hpp"
#include "training/target_fit.hpp"
#include "training_fixture.hpp"

namespace spectile::training {
namespace {

using nlohmann::json;
using Step = LossScale::Step;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<at::Tensor> gradient(double value) { return {at::full({2}, value, at::kFloat)}; }

TEST(LossScale, IsTakenOutOfTheGradientsExactly) {
    auto scale = LossScale::for_type(at::kHalf);
    const auto gradients = gradient(0.3 * LossScale::kFirst);
    EXPECT_EQ(scale.unscale(1, gradients), Step::taken);
    EXPECT_EQ(values_of(gradients[0])[1], static_cast<float>(0.3));
}

TEST(LossScale, IsHalvedAndTheStepLeftOutWhereSomethingIsNotFinite) {
    auto scale = LossScale::for_type(at::kHalf);
    EXPECT_EQ(scale.unscale(1, gradient(kInfinity)), Step::left_out);
    EXPECT_EQ(scale.value, LossScale::kFirst / 2);
    EXPECT_EQ(scale.unscale(kInfinity, gradient(1)), Step::left_out) << "the loss counts, too";
    EXPECT_EQ(scale.value, LossScale::kFirst / 4);
}

TEST(LossScale, GrowsAfterSoManyGoodStepsInARow) {
    auto scale = LossScale::for_type(at::kHalf);
    const auto good = [&](int steps) {
        for (int i = 0; i < steps; ++i) ASSERT_EQ(scale.unscale(1, gradient(1)), Step::taken);
    };
    good(LossScale::kGoodSteps - 1);
    EXPECT_EQ(scale.value, LossScale::kFirst);
    EXPECT_EQ(scale.unscale(1, gradient(kInfinity)), Step::left_out) << "and the row begins anew";
    good(LossScale::kGoodSteps - 1);
    EXPECT_EQ(scale.value, LossScale::kFirst / 2);
    good(1);
    EXPECT_EQ(scale.value, LossScale::kFirst);
}

TEST(LossScale, EndsWhereTheLossItselfIsNotFinite) {
    auto scale = LossScale::for_type(at::kHalf);
    int left_out = 0;
    while (scale.unscale(1, gradient(kInfinity)) == Step::left_out) ++left_out;
    EXPECT_EQ(left_out, 16);
    EXPECT_EQ(scale.value, 1);
    LossScale none;
    EXPECT_EQ(none.unscale(1, gradient(kInfinity)), Step::hopeless);
    EXPECT_EQ(none.value, 1);
}

TEST(Precision, Float16IsNotForTheCpu) {
    try {
        check_precision("float16", at::kCPU, "training.yaml");
        FAIL() << "was not refused";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::definition);
        EXPECT_THAT(error.what(), testing::HasSubstr("training.yaml: recipe.precision: float16"));
    }
    check_precision("float16", at::Device(at::kCUDA, 0), "training.yaml");
    check_precision("bfloat16", at::kCPU, "training.yaml");
}

TEST(Autocast, LastsAsLongAsItLives) {
    const auto x = at::ones({2, 2});
    {
        const Autocast cast(at::kCPU, at::kBFloat16);
        EXPECT_EQ(at::linear(x, x).scalar_type(), at::kBFloat16);
    }
    EXPECT_EQ(at::linear(x, x).scalar_type(), at::kFloat);
    EXPECT_TRUE(at::autocast::is_autocast_cache_enabled());
}

/// Lessons whose gradients the test chooses; the scaled ones are what float16 would give.
class ChosenLessons final : public Lessons {
public:
    explicit ChosenLessons(std::function<double(std::size_t)> gradient) : gradient_(std::move(gradient)) {}
    std::size_t samples() const override { return 4; }
    void begin(int epoch) override { epoch_ = epoch; }
    BatchResult learn(std::size_t first, std::size_t count, const Arithmetic& arithmetic) override {
        scales.push_back(arithmetic.loss_scale);
        const auto step = static_cast<std::size_t>(epoch_ - 1) * samples() + first;
        BatchResult result{.loss = 1, .hits = 0, .judged = count, .gradients = {}};
        result.gradients = {at::full({3}, gradient_(step) * arithmetic.loss_scale, at::kFloat)};
        return result;
    }
    bool validates() const override { return false; }
    Validation validate() override { return {}; }

    std::vector<double> scales;

private:
    std::function<double(std::size_t)> gradient_;
    int epoch_ = 0;
};

class ThreeNumbers final : public networks::Network {
public:
    at::Tensor forward(const at::Tensor& x, const networks::Observer&) override { return x * weights; }
    int window() const override { return 1; }
    std::vector<networks::NamedTensor> tensors() override { return {{"w", weights}}; }
    at::Tensor weights = at::ones({3});
};

Recipe half_recipe(int epochs) {
    Recipe recipe;
    recipe.epochs = epochs;
    recipe.batch = 1;
    recipe.schedule = "constant";
    recipe.precision = "float16";
    return recipe;
}

TEST(LossScaling, ALeftOutStepChangesNeitherWeightsNorOptimiser) {
    // The second and third of four steps are infinite: as if there were but the other two.
    ChosenLessons broken([](std::size_t step) { return step == 1 || step == 2 ? kInfinity : 0.1; });
    ThreeNumbers network, expected;
    const auto state = fit(network, broken, half_recipe(1), {});
    EXPECT_THAT(broken.scales, testing::ElementsAre(65536, 65536, 32768, 16384));
    EXPECT_EQ(state.scale.good_steps, 1);
    EXPECT_DOUBLE_EQ(state.history.front().loss, 1) << "of the steps that were taken";
    AdamW optimiser(trainable(expected.tensors()), Recipe{}.weight_decay);
    for (int step = 0; step < 2; ++step) optimiser.step({at::full({3}, 0.1, at::kFloat)}, 1e-3);
    EXPECT_EQ(copy_weights(network.tensors()), copy_weights(expected.tensors()));
}

TEST(LossScaling, AResumedTrainingHasTheSameScaleAndBytes) {
    const auto gradient = [](std::size_t step) {
        return step % 5 == 3 ? kInfinity : 0.1 * static_cast<double>(step % 3 + 1);
    };
    ChosenLessons all(gradient);
    ThreeNumbers straight;
    (void)fit(straight, all, half_recipe(6), {});
    const TestFolder folder;
    FitOptions options;
    options.checkpoint = folder.file("checkpoint.safetensors");
    int epochs = 0;
    options.progress = [&](const TrainingProgress&) { ++epochs; };
    options.stop = [&] { return epochs == 3; };
    ChosenLessons first(gradient), second(gradient);
    ThreeNumbers begun, resumed;
    EXPECT_THROW((void)fit(begun, first, half_recipe(6), options), Error);
    options.stop = {};
    (void)fit(resumed, second, half_recipe(6), options);
    EXPECT_EQ(copy_weights(resumed.tensors()), copy_weights(straight.tensors()));
    first.scales.insert(first.scales.end(), second.scales.begin(), second.scales.end());
    EXPECT_EQ(first.scales, all.scales);
}

/// Trainings whose products are rounded to bfloat16, beside those in float32.
class RoundedTraining : public TrainingTest {
protected:
    /// Losses of the epochs.
    std::vector<double> losses(Training t, const char* precision) {
        auto recipe = json::parse(t.recipe);
        recipe["precision"] = precision;
        t.recipe = recipe.dump();
        t.output = folder_.file(precision);
        options_.work = folder_.file(std::string(precision) + "-work");
        std::vector<double> out;
        const auto record = json::parse(train(t, options_).record);
        for (const auto& epoch : record["trials"][0]["curve"]) out.push_back(epoch[1]);
        return out;
    }

    void expect_similar(const Training& t) {
        const auto exact = losses(t, "float32"), rounded = losses(t, "bfloat16");
        ASSERT_EQ(exact.size(), rounded.size());
        EXPECT_NE(exact, rounded) << "nothing was rounded";
        EXPECT_LT(exact.back(), exact.front());
        for (std::size_t epoch = 0; epoch < exact.size(); ++epoch)
            EXPECT_NEAR(rounded[epoch], exact[epoch], 0.05 * exact.front()) << "epoch " << epoch + 1;
        EXPECT_NE(weights_of_folder("float32"), weights_of_folder("bfloat16"));
    }
    std::string weights_of_folder(const char* name) const {
        return sha256_of_file(folder_.file(name) + "/weights.safetensors");
    }
};

TEST_F(RoundedTraining, PixelsAreLearntInBfloat16AlmostAsInFloat32) {
    write_scene(folder_);
    expect_similar(definition_in(folder_));
}

TEST_F(RoundedTraining, PatchesAreLearntInBfloat16AlmostAsInFloat32) {
    auto t = patches_in(folder_, true);
    auto recipe = json::parse(t.recipe);
    recipe["epochs"] = 10;
    t.recipe = recipe.dump();
    expect_similar(t);
}

TEST_F(RoundedTraining, SegmentationIsLearntInBfloat16AlmostAsInFloat32) {
    write_scene(folder_);
    Training t = definition_in(folder_);
    t.architecture = "spectral_gpt";
    t.parameters = R"({"side": 16, "embed": 24, "depth": 2, "heads": 3, "group": 11,
                       "head_channels": 128, "head_width": 16})";
    t.recipe = R"({"epochs": 6, "batch": 4, "crops": 8, "learning_rate": 0.003, "drop_path": 0.1,
                   "dropout": 0.1, "validate_every": 6})";
    expect_similar(t);
}

TEST_F(RoundedTraining, APretrainingSaysItsPrecisionAndLearns) {
    auto t = pretraining_in(folder_);
    std::vector<json> curves;
    for (const char* precision : {"float32", "bfloat16"}) {
        t.pretraining->precision = precision;
        t.output = folder_.file(precision);
        options_.work = folder_.file(std::string(precision) + "-work");
        const auto record = json::parse(train(t, options_).record);
        curves.push_back(record["trials"][0]["curve"]);
        EXPECT_EQ(record["training"]["recipe"].contains("precision"), t.pretraining->precision != "float32");
    }
    ASSERT_EQ(curves[0].size(), curves[1].size());
    EXPECT_NE(curves[0], curves[1]);
    for (std::size_t epoch = 0; epoch < curves[0].size(); ++epoch)
        EXPECT_NEAR(curves[1][epoch][1].get<double>(), curves[0][epoch][1].get<double>(),
                    0.05 * curves[0][0][1].get<double>());
}

TEST_F(RoundedTraining, TargetsAreLearntInBfloat16AlmostAsInFloat32) {
    std::vector<std::vector<double>> losses;
    for (const char* precision : {"float32", "bfloat16"}) {
        const auto recipe =
            target_recipe_of(R"(, "target_share": 0.9, "precision": ")" + std::string(precision) + '"');
        const auto network = networks::make_network("mim_istd", kTargetParameters, 1);
        losses.emplace_back();
        for (const auto& epoch : fit_targets(*network, target_images(), recipe, {}).history)
            losses.back().push_back(epoch.loss);
    }
    EXPECT_NE(losses[0], losses[1]);
    EXPECT_THAT(losses[1], testing::Pointwise(testing::DoubleNear(0.05), losses[0]));
}

}  // namespace
}  // namespace spectile::training
