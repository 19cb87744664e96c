#include "training/fit.hpp"

#include <ATen/Parallel.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <limits>
#include <thread>

#include "spectile/error.hpp"
#include "training/batch.hpp"
#include "training/random.hpp"

namespace spectile::training {
namespace {

/// Two layers on the flattened patch: the smallest network that learns something.
class TinyNetwork final : public networks::Network {
public:
    TinyNetwork(int inputs, int classes, std::uint64_t seed)
        : first_(at::zeros({8, inputs})), bias_(at::zeros({8})), second_(at::zeros({classes, 8})) {
        Random random(seed, Purpose::order, {99});
        for (auto& v : values_of(first_)) v = static_cast<float>(random.normal() * 0.2);
        for (auto& v : values_of(second_)) v = static_cast<float>(random.normal() * 0.2);
    }
    at::Tensor forward(const at::Tensor& x, const networks::Observer&) override {
        return at::linear(at::relu(at::linear(x.flatten(1), first_, bias_)), second_);
    }
    int window() const override { return 3; }
    std::vector<networks::NamedTensor> tensors() override {
        return {{"first", first_}, {"bias", bias_, false}, {"second", second_}};
    }

private:
    at::Tensor first_, bias_, second_;
};

/// Three classes in stripes, each with a spectrum of its own and noise; the right half is validation.
Dataset striped_scene() {
    constexpr int kSide = 24, kBands = 5;
    Dataset data;
    data.classes = {{1, "a", {}}, {2, "b", {}}, {3, "c", {}}};
    data.bands = kBands;
    data.window = 3;
    data.dark.assign(kBands, 0);
    PreparedScene scene{.size = {kSide, kSide}, .bands = kBands, .radius = 1, .values = {}};
    Random random(4, Purpose::split, {});
    for (int y = -1; y <= kSide; ++y)
        for (int x = -1; x <= kSide; ++x)
            for (int band = 0; band < kBands; ++band) {
                const int target = std::clamp(y, 0, kSide - 1) / 8;
                scene.values.push_back(static_cast<float>((band == target ? 2 : 0) + 0.5 * random.normal()));
            }
    for (int y = 0; y < kSide; ++y)
        for (int x = 0; x < kSide; ++x)
            data.samples.push_back({0, x, y, y / 8, x < kSide / 2 ? Role::training : Role::validation});
    data.scenes.push_back(std::move(scene));
    return data;
}

Recipe short_recipe() {
    Recipe recipe;
    recipe.epochs = 6;
    recipe.batch = 50;
    recipe.learning_rate = 1e-2;
    recipe.moving_average = 0.9;
    recipe.augmentation = {.flips = true, .turns = true, .brightness = 0.05, .noise = 0.05, .mixing = 0.2};
    return recipe;
}

class Folder {
public:
    Folder() : path_(std::filesystem::temp_directory_path() / ("spectile-fit-" + std::to_string(getpid()))) {
        std::filesystem::create_directories(path_);
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    std::string file(const std::string& name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

struct Outcome {
    TrainingState state;
    Weights weights;
};

Outcome train(const Dataset& data, const Recipe& recipe, FitOptions options, std::uint64_t seed = 1) {
    at::set_num_threads(1);
    options.seed = seed;
    TinyNetwork network(static_cast<int>(data.patch_size()), 3, seed);
    Outcome outcome;
    outcome.state = fit(network, data, recipe, options);
    outcome.weights = copy_weights(network.tensors());
    return outcome;
}

std::vector<double> losses(const TrainingState& state) {
    std::vector<double> curve;
    for (const auto& e : state.history) curve.push_back(e.loss);
    return curve;
}

TEST(Fit, SeparableClassesAreLearnt) {
    const Dataset data = striped_scene();
    Recipe recipe = short_recipe();
    recipe.epochs = 12;
    const auto outcome = train(data, recipe, {});
    EXPECT_GT(outcome.state.history.back().validation_overall, 0.95);
    EXPECT_LT(outcome.state.history.back().loss, outcome.state.history.front().loss / 2);
}

TEST(Fit, TheSameSeedGivesTheSameWeightsByteForByteAndAnotherSeedOthers) {
    const Dataset data = striped_scene();
    const auto once = train(data, short_recipe(), {});
    EXPECT_EQ(once.weights, train(data, short_recipe(), {}).weights);
    EXPECT_NE(once.weights, train(data, short_recipe(), {}, 2).weights);
}

TEST(Fit, ThreadsChangeNothing) {
    const Dataset data = striped_scene();
    FitOptions options;
    options.parallel = [](std::int64_t count, const std::function<void(std::int64_t)>& body) {
        std::vector<std::thread> threads;
        for (std::int64_t i = count - 1; i >= 0; --i) threads.emplace_back([&body, i] { body(i); });
        for (auto& thread : threads) thread.join();
    };
    EXPECT_EQ(train(data, short_recipe(), options).weights, train(data, short_recipe(), {}).weights);
}

TEST(Fit, StoppedAndResumedEqualsStraightThroughByteForByte) {
    const Dataset data = striped_scene();
    const auto straight = train(data, short_recipe(), {});

    const Folder folder;
    FitOptions options;
    options.checkpoint = folder.file("checkpoint.safetensors");
    int epochs = 0, calls_after = 0;
    options.progress = [&](const TrainingProgress&) { ++epochs; };
    options.stop = [&] { return epochs == 3 && ++calls_after > 2; };  // In the middle of epoch 4.
    try {
        (void)train(data, short_recipe(), options);
        FAIL() << "was not stopped";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::interrupted);
        EXPECT_EQ(exit_code(error.code()), 75);
    }
    options.stop = {};
    const auto resumed = train(data, short_recipe(), options);
    EXPECT_EQ(epochs, 6);
    EXPECT_EQ(resumed.weights, straight.weights);
    EXPECT_EQ(losses(resumed.state), losses(straight.state));
    EXPECT_EQ(resumed.state.best_epoch, straight.state.best_epoch);

    const auto again = train(data, short_recipe(), options);  // Nothing is left to do.
    EXPECT_EQ(epochs, 6);
    EXPECT_EQ(again.weights, straight.weights);
}

TEST(Fit, ACheckpointOfAnotherRecipeIsRefused) {
    const Dataset data = striped_scene();
    const Folder folder;
    FitOptions options;
    options.checkpoint = folder.file("checkpoint.safetensors");
    options.fingerprint = "one";
    (void)train(data, short_recipe(), options);
    options.fingerprint = "two";
    try {
        (void)train(data, short_recipe(), options);
        FAIL() << "was not refused";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::definition);
        EXPECT_THAT(error.what(), testing::HasSubstr("--restart"));
    }
}

TEST(Fit, PatienceEndsATrainingThatNoLongerImproves) {
    const Dataset data = striped_scene();
    Recipe recipe = short_recipe();
    recipe.epochs = 200;
    recipe.patience = 3;
    const auto outcome = train(data, recipe, {});
    EXPECT_LT(outcome.state.epoch, 200);
    EXPECT_EQ(outcome.state.epoch, outcome.state.best_epoch + 3);
}

TEST(Fit, ALossThatIsNotFiniteIsAnErrorWithAdvice) {
    Dataset data = striped_scene();
    data.scenes[0].values[162] = std::numeric_limits<float>::quiet_NaN();
    try {
        (void)train(data, short_recipe(), {});
        FAIL() << "was not noticed";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::scene);
        EXPECT_THAT(error.what(), testing::HasSubstr("not finite in epoch 1"));
    }
}

TEST(ClassWeights, BalancedClassesCountAlikeAndTheMeanOverSamplesIsOne) {
    Dataset data = striped_scene();
    data.samples.resize(data.samples.size() / 2);
    Recipe recipe;
    recipe.class_weights = "balanced";
    data.classes.pop_back();
    const auto weights = class_weights(recipe, data);
    std::vector<double> totals(2, 0);
    double all = 0;
    for (const auto i : data.with_role(Role::training)) {
        totals[static_cast<std::size_t>(data.samples[i].target)] +=
            weights[static_cast<std::size_t>(data.samples[i].target)];
        ++all;
    }
    EXPECT_NEAR(totals[0], totals[1], 1e-9);
    EXPECT_NEAR(totals[0] + totals[1], all, 1e-9);
}

}  // namespace
}  // namespace spectile::training
