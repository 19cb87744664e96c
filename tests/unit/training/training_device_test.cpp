// Trainings on a device that is not the CPU, where an operator that is given tensors of both is an error.
#include "training/training_device.hpp"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "labelled_patches.hpp"
#include "models/networks/device.hpp"
#include "spectile/error.hpp"
#include "support/stand_in_device.hpp"
#include "target_example.hpp"
#include "training/adagrad.hpp"
#include "training/moving_average.hpp"
#include "training/target_fit.hpp"
#include "training_fixture.hpp"

namespace spectile::training {
namespace {

using nlohmann::json;
using test::stand_in_device;

/// The stand-in, and where there is one, a real device.
std::vector<at::Device> devices() {
    std::vector<at::Device> all = {stand_in_device()};
    if (at::hasCUDA()) all.emplace_back(networks::resolve_devices("cuda").front());
    return all;
}

TEST(StandInDevice, AnOperatorRefusesATensorThatLiesElsewhere) {
    const auto there = at::ones({3}, at::TensorOptions(at::kFloat).device(stand_in_device()));
    EXPECT_FALSE(there.device().is_cpu());
    EXPECT_EQ((there + there).device(), stand_in_device());
    EXPECT_EQ((there + there).sum().item<float>(), 6);
    EXPECT_THROW(there + at::ones({3}), c10::Error);
    EXPECT_THROW(values_of(there), Error);
}

TEST(TrainingDevice, PutsANetworkThereAndBackWithoutAChange) {
    const auto network = networks::make_network("spectral_mamba", R"({"bands": 12, "classes": 3})", 1);
    const auto before = copy_weights(network->tensors());
    put_network(*network, stand_in_device());
    for (const auto& named : network->tensors()) {
        EXPECT_EQ(named.tensor.device(), stand_in_device()) << named.name;
        EXPECT_TRUE(named.tensor.requires_grad()) << named.name;
        EXPECT_TRUE(named.tensor.is_leaf()) << named.name;
    }
    EXPECT_EQ(copy_weights(network->tensors()), before);
    put_network(*network, at::kCPU);
    EXPECT_EQ(device_of(network->tensors()), at::Device(at::kCPU));
    EXPECT_EQ(copy_weights(network->tensors()), before);
}

TEST(TrainingDevice, IsOneAndEachProcessOfAMachineHasItsOwn) {
    TrainingOptions options;
    EXPECT_EQ(training_device(options), at::Device(at::kCPU));
    options.device = "cuda:0,1";
    try {
        (void)training_device(options);
        FAIL() << "two devices in one process";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::usage);
        EXPECT_THAT(error.what(), testing::HasSubstr("--distributed"));
    }
    EXPECT_EQ(device_of_process(0, 4), 0);
    EXPECT_EQ(device_of_process(3, 4), 3);
    EXPECT_EQ(device_of_process(3, 1), 0) << "where each process is shown one device alone";
}

/// What is done on either device, from the same numbers.
struct Numbers {
    std::vector<networks::NamedTensor> parameters;
    std::vector<at::Tensor> gradients;

    explicit Numbers(at::Device device) {
        for (const auto size : {5, 64}) {
            at::manual_seed(static_cast<std::uint64_t>(size));
            parameters.push_back(
                {.name = std::to_string(size), .tensor = at::randn({size}).to(device), .decay = size == 64});
            gradients.push_back(at::randn({size}).to(device));
        }
    }
    double distance(const Numbers& other) const {
        double most = 0;
        for (std::size_t i = 0; i < parameters.size(); ++i)
            most = std::max(
                most,
                (parameters[i].tensor.cpu() - other.parameters[i].tensor.cpu()).abs().max().item<double>());
        return most;
    }
};

TEST(TrainingDevice, BothOptimisersTakeTheCpusSteps) {
    for (const bool adagrad : {false, true}) {
        Numbers cpu(at::kCPU), there(stand_in_device());
        const Numbers before(at::kCPU);
        for (auto* numbers : {&cpu, &there}) {
            AdamW first(numbers->parameters, 0.1);
            AdaGrad second(numbers->parameters, 0.1);
            for (int step = 0; step < 5; ++step) {
                EXPECT_NEAR(gradient_norm(numbers->gradients), gradient_norm(before.gradients), 1e-4);
                adagrad ? second.step(numbers->gradients, 0.1) : first.step(numbers->gradients, 0.1);
            }
            clip_gradients(numbers->gradients, 0.5);
            EXPECT_NEAR(gradient_norm(numbers->gradients), 0.5, 1e-6);
            for (const auto& state : {first.first_moments, first.second_moments, second.sums})
                for (const auto& tensor : state)
                    EXPECT_EQ(tensor.device(), numbers->parameters.front().tensor.device());
        }
        EXPECT_LT(cpu.distance(there), 1e-5);
        EXPECT_GT(cpu.distance(before), 0.1);
    }
}

TEST(TrainingDevice, AMovingAverageIsTheCpus) {
    std::vector<Weights> values;
    for (const auto device : {at::Device(at::kCPU), stand_in_device()}) {
        Numbers numbers(device);
        numbers.parameters.front().trainable = false;
        MovingAverage average(numbers.parameters, MovingAverage::Buffers::copied);
        average.start({});
        for (int step = 1; step < 4; ++step) {
            for (const auto& parameter : numbers.parameters) parameter.tensor.mul_(0.5);
            average.add_step(0.9, step);
        }
        const auto now = copy_weights(numbers.parameters);
        values.push_back(average.values());
        {
            const MovingAverage::InPlace judged(average);
            EXPECT_EQ(copy_weights(numbers.parameters), values.back());
        }
        EXPECT_EQ(copy_weights(numbers.parameters), now);
        EXPECT_EQ(values.back()[0], now[0]) << "a buffer";
        EXPECT_NE(values.back()[1], now[1]);
    }
    for (std::size_t i = 0; i < values[0].size(); ++i)
        EXPECT_THAT(values[1][i], testing::Pointwise(testing::FloatNear(1e-6F), values[0][i]));
}

/// Losses and validations of each epoch.
std::vector<std::vector<double>> curve_of(const TrainingResult& result) {
    return json::parse(result.record)["trials"][0]["curve"].get<std::vector<std::vector<double>>>();
}

void expect_near(const std::vector<std::vector<double>>& ours, const std::vector<std::vector<double>>& theirs,
                 std::size_t columns) {
    ASSERT_EQ(ours.size(), theirs.size());
    for (std::size_t epoch = 0; epoch < ours.size(); ++epoch)
        for (std::size_t k = 0; k < columns; ++k)
            EXPECT_NEAR(ours[epoch][k], theirs[epoch][k], 1e-3 * (1 + std::abs(theirs[epoch][k])))
                << "epoch " << epoch + 1 << ", column " << k;
}

/// Every kind of training that begins with a definition, in files of its own.
class OnADevice : public TrainingTest {
protected:
    OnADevice() { write_scene(folder_); }

    Training scenes(const char* task) const {
        Training t = definition_in(folder_);
        t.architecture = "spectral_gpt";
        t.parameters = R"({"side": 16, "embed": 24, "depth": 2, "heads": 3, "group": 11,
                           "head_channels": 128, "head_width": 16})";
        t.recipe = R"({"epochs": 3, "batch": 4, "crops": 8, "learning_rate": 0.003, "drop_path": 0.1,
                       "dropout": 0.1, "layer_decay": 0.9, "moving_average": 0.9, "validate_every": 2,
                       "augmentation": {"flips": true, "turns": true, "brightness": 0.05}})";
        if (std::string(task) == "segmentation") return t;
        t.scenes[0].paths = {folder_.file("scene.dat"), folder_.file("scene.dat")};
        t.scenes[0].change = true;
        write_labels(folder_, "changes", [](int x, int y) { return (x / 8 + y / 8) % 3 != 2; });
        t.labels[0].path = folder_.file("changes.dat");
        t.classes = {{1, "unchanged", {0, 0, 0}}, {2, "changed", {255, 0, 0}}};
        return t;
    }

    /// Trains on the CPU and on other devices, and compares the curves; the model that a device gives passes
    /// its self-test, which the CPU runs, as it is written.
    void compare(Training t, std::size_t columns) {
        const auto cpu = train(t, options_, at::kCPU);
        for (const auto device : devices()) {
            SCOPED_TRACE(device.str());
            t.output = folder_.file(device.is_cuda() ? "cuda" : "stand-in");
            options_.work = t.output + "-work";
            expect_near(curve_of(train(t, options_, device)), curve_of(cpu), columns);
            EXPECT_TRUE(std::filesystem::exists(t.output + "/model.yaml"));
        }
    }
};

TEST_F(OnADevice, PixelsAreLearntAsOnTheCpu) { compare(definition_in(folder_), 3); }

TEST_F(OnADevice, SegmentationIsLearntAsOnTheCpu) { compare(scenes("segmentation"), 3); }

TEST_F(OnADevice, ChangeIsLearntAsOnTheCpu) { compare(scenes("change"), 3); }

TEST_F(OnADevice, PatchesAreLearntAsOnTheCpu) {
    auto t = patches_in(folder_, false);
    compare(t, 3);
}

TEST_F(OnADevice, PatchesWithSeveralLabelsAreLearntAsOnTheCpu) { compare(patches_in(folder_, true), 3); }

TEST_F(OnADevice, PretrainingGoesThroughItsStagesAsOnTheCpu) { compare(pretraining_in(folder_), 4); }

TEST_F(OnADevice, ATrainingThatWasCutOffGoesOnOnTheOtherDevice) {
    const auto t = definition_in(folder_);
    const auto expected = curve_of(train(t, options_, at::kCPU));
    const at::Device cpu = at::kCPU, other = devices().back();
    for (const auto& [first, second] : {std::pair{cpu, other}, std::pair{other, cpu}}) {
        auto again = t;
        again.output = folder_.file(first.is_cpu() ? "to" : "from");
        auto options = options_;
        options.work = folder_.file(first.is_cpu() ? "work-to" : "work-from");
        int epochs = 0;
        options.progress = [&](const TrainingProgress&) { ++epochs; };
        options.stop = [&] { return epochs == 3; };
        EXPECT_THROW(train(again, options, first), Error);
        options.stop = {};
        expect_near(curve_of(train(again, options, second)), expected, 3);
        EXPECT_EQ(epochs, 6);
    }
}

TEST(TargetsOnADevice, AreLearntAsOnTheCpu) {
    for (const char* optimiser : {"adagrad", "adamw"}) {
        const auto recipe =
            target_recipe_of(R"(, "target_share": 0.9, "optimiser": ")" + std::string(optimiser) + '"');
        const auto trained_on = [&](at::Device device) {
            const auto network = networks::make_network("mim_istd", kTargetParameters, 1);
            put_network(*network, device);
            auto state = fit_targets(*network, target_images(), recipe, {});
            EXPECT_EQ(device_of(network->tensors()), device);
            return state;
        };
        const auto cpu = trained_on(at::kCPU);
        for (const auto device : devices()) {
            SCOPED_TRACE(device.str() + ", " + optimiser);
            const auto state = trained_on(device);
            ASSERT_EQ(state.history.size(), cpu.history.size());
            for (std::size_t epoch = 0; epoch < cpu.history.size(); ++epoch)
                EXPECT_NEAR(state.history[epoch].loss, cpu.history[epoch].loss, 1e-3) << epoch + 1;
        }
    }
}

}  // namespace
}  // namespace spectile::training
