#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/spawn.hpp"

// What --device says and does, against a stand-in for the driver (fake_driver.cpp), so that it does not
// matter whether this machine has a device.

namespace spectile::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Devices : public testing::Test {
protected:
    Devices() {
        folder.write("identity/model.yaml", "spectile: 1\narchitecture: identity\n");
        pipeline = folder.write("p.yaml",
                                "spectile: 1\nscene: {path: scene.dat}\nmodel: identity\nproducts:\n"
                                "  bands: {path: out.tif}\n");
    }
    /// Runs the pipeline on a machine whose driver finds `devices`.
    Outcome run_on(const std::string& devices, const std::string& device) const {
        return run({"env", "LD_LIBRARY_PATH=" SPECTILE_FAKE_DRIVER, "SPECTILE_TEST_DEVICES=" + devices,
                    built("spectile"), "run", pipeline, "--device", device});
    }
    void expect_refusal(const Outcome& outcome, int status, const std::string& text) const {
        EXPECT_EQ(outcome.status, status) << outcome.err;
        EXPECT_THAT(outcome.messages(), ElementsAre(HasSubstr(text)));
        EXPECT_THAT(outcome.out, IsEmpty());
        EXPECT_THAT(folder.names(), testing::Not(testing::Contains("out.tif")));
    }
    void simulate() const {
        const auto outcome = run({built("examples/simulate_scene"), folder / "scene", "--size", "150x130"});
        ASSERT_EQ(outcome.status, 0) << outcome.err;
    }
    const Folder folder;
    std::string pipeline;
};

TEST_F(Devices, CudaWithoutADeviceIsOneLineAndStatus69) {
    for (const char* device : {"cuda", "cuda:0", "cuda:0,1"})
        expect_refusal(run_on("0", device), 69,
                       std::string("--device ") + device + ": the NVIDIA driver finds no device");
    expect_refusal(run_on("broken", "cuda"), 69, "the NVIDIA driver cannot start (CUDA error 999)");
}

TEST_F(Devices, ADeviceThatIsNotThereIsNamed) {
    expect_refusal(run_on("2", "cuda:2"), 69, "--device cuda:2: this machine has CUDA devices 0 to 1");
    expect_refusal(run_on("2", "cuda:0,7"), 69, "CUDA devices 0 to 1");
}

TEST_F(Devices, WhatCannotBeUnderstoodIsAUsageError) {
    expect_refusal(run_on("2", "gpu"), 64, "--device gpu: must be auto, cpu, cuda, cuda:N or cuda:N,M");
    expect_refusal(run_on("2", "cuda:1,1"), 64, "device 1 is named twice");
}

TEST_F(Devices, AModelWithoutACudaVersionSaysSo) {
    simulate();
    expect_refusal(run_on("2", "cuda"), 69, "architecture identity runs on the CPU");
}

TEST_F(Devices, AutoFallsBackToTheCpu) {
    simulate();
    for (const char* devices : {"0", "broken", "2"}) {
        const auto outcome = run_on(devices, "auto");
        EXPECT_EQ(outcome.status, 0) << outcome.err;
    }
    EXPECT_THAT(folder.names(), testing::Contains("out.tif"));
}

TEST_F(Devices, ALibTorchWithoutCudaSaysSo) {
    const auto outcome = run({"env", "LD_LIBRARY_PATH=" SPECTILE_FAKE_DRIVER, "SPECTILE_TEST_DEVICES=1",
                              built("spectile"), "bench", "spectral_mamba", "--device", "cuda"});
    EXPECT_EQ(outcome.status, 69) << outcome.err;
    EXPECT_THAT(outcome.messages(), ElementsAre(HasSubstr("this build of LibTorch has no CUDA")));
}

/// A training on a machine whose driver finds `devices`, with more in the environment.
class TrainingDevices : public Devices {
protected:
    Outcome train_on(const std::string& devices, const std::vector<std::string>& options,
                     const std::vector<std::string>& environment = {}) const {
        std::vector<std::string> words = {"env", "LD_LIBRARY_PATH=" SPECTILE_FAKE_DRIVER,
                                          "SPECTILE_TEST_DEVICES=" + devices};
        words.insert(words.end(), environment.begin(), environment.end());
        words.insert(words.end(), {built("spectile"), "train", training});
        words.insert(words.end(), options.begin(), options.end());
        return run(words);
    }
    const std::string training =
        folder.write("training.yaml",
                     "spectile: 1\noutput: model\narchitecture: mim_istd\nparameters: {bands: 1}\n"
                     "targets: {images: images, masks: masks, training: t.txt}\n");
};

TEST_F(TrainingDevices, CudaWithoutADeviceIsOneLineAndStatus69) {
    expect_refusal(train_on("0", {"--device", "cuda"}), 69,
                   "--device cuda: the NVIDIA driver finds no device; use --device cpu or auto");
    expect_refusal(train_on("1", {"--device", "cuda"}), 69, "this build of LibTorch has no CUDA");
    // On to what `auto` leaves: the CPU, and the images that are not there.
    expect_refusal(train_on("0", {"--device", "auto"}), 66, "images: is no folder");
}

TEST_F(TrainingDevices, SeveralDevicesAreForSeveralProcesses) {
    expect_refusal(train_on("2", {"--device", "cuda:0,1"}), 64,
                   "a training runs on one device; name one, or start a process for each");
}

TEST_F(TrainingDevices, EachProcessTakesTheDeviceOfItsNumberOnItsMachine) {
    const auto of = [&](const char* devices, const char* local) {
        return train_on(devices, {"--device", "cuda", "--distributed"},
                        {"RANK=3", "WORLD_SIZE=8", std::string("LOCAL_RANK=") + local,
                         "MASTER_ADDR=127.0.0.1", "MASTER_PORT=29000"});
    };
    expect_refusal(of("4", "3"), 69, "--device cuda:3: this build of LibTorch has no CUDA");
    expect_refusal(of("1", "3"), 69, "--device cuda:0: this build of LibTorch has no CUDA");
}

TEST(DeviceVersion, NamesTheArchitecturesOfTheKernels) {
    const auto outcome = run_spectile({"--version"});
    EXPECT_EQ(outcome.status, 0);
#ifdef SPECTILE_TEST_CUDA
    EXPECT_THAT(outcome.out,
                testing::ContainsRegex("CUDA [0-9]+\\.[0-9]+ kernels: sm_80, sm_90,.* PTX [0-9]+\n"));
#else
    EXPECT_THAT(outcome.out, testing::Not(HasSubstr("CUDA")));
#endif
}

}  // namespace
}  // namespace spectile::test
