// What goes to a device and comes back: on the CPU always, on a CUDA device where LibTorch has one.
#include "models/networks/device_queue.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/randn.h>
#include <c10/util/Exception.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/cuda.h>

#include <thread>

#include "models/networks/forward_graph.hpp"
#include "models/networks/mim_istd/tile_model.hpp"
#include "models/networks/spectral_gpt/tile_model.hpp"

namespace spectile::networks {
namespace {

class OnDevice : public testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        if (std::string(GetParam()) != "cpu" && !torch::cuda::is_available())
            GTEST_SKIP() << "this LibTorch has no CUDA device";
    }
    const at::NoGradGuard no_grad;
};

/// Enough work that copies and passes of several threads meet.
at::Tensor powers(const at::Tensor& x) {
    auto y = x;
    for (int i = 0; i < 20; ++i) y = y * 0.5 + x;
    return y;
}

TEST_P(OnDevice, WhatGoesThereComesBackComputed) {
    const auto queue = make_device_queue(GetParam());
    auto from = queue->host_memory({5, 7}), to = at::Tensor();
    from.copy_(at::randn({5, 7}));
    queue->compute(queue->upload(from), powers, to);
    EXPECT_TRUE(to.device().is_cpu());
    EXPECT_TRUE(at::equal(to, powers(from)));
}

TEST_P(OnDevice, ThreadsShareAQueue) {
    const auto queue = make_device_queue(GetParam());
    std::vector<int> wrong(4);
    std::vector<std::thread> threads;
    for (std::size_t thread = 0; thread < wrong.size(); ++thread)
        threads.emplace_back([&, thread] {
            const at::NoGradGuard none;
            auto from = queue->host_memory({64, 1000}), to = at::Tensor();
            for (int i = 0; i < 50; ++i) {
                from.fill_(static_cast<float>(100 * thread) + static_cast<float>(i));
                queue->compute(queue->upload(from), powers, to);
                wrong[thread] += at::equal(to, powers(from)) ? 0 : 1;
            }
        });
    for (auto& thread : threads) thread.join();
    EXPECT_THAT(wrong, testing::Each(0));
}

TEST_P(OnDevice, AFailedPassLeavesTheQueueUsable) {
    const auto queue = make_device_queue(GetParam());
    auto from = queue->host_memory({3}), to = at::Tensor();
    from.fill_(1.0F);
    EXPECT_THROW(queue->compute(
                     queue->upload(from),
                     [](const at::Tensor&) -> at::Tensor {
                         throw c10::OutOfMemoryError({__func__, __FILE__, __LINE__}, "full");
                     },
                     to),
                 c10::OutOfMemoryError);
    queue->compute(queue->upload(from), powers, to);
    EXPECT_TRUE(at::equal(to, powers(from)));
}

TEST_P(OnDevice, ARecordedPassGivesThePlainOnesBytes) {
    const auto queue = make_device_queue(GetParam());
    ForwardGraph graph;
    auto from = queue->host_memory({16, 100}), to = at::Tensor();
    for (int i = 0; i < 5; ++i) {
        from.copy_(at::randn({16, 100}));
        queue->compute(
            queue->upload(from), [&](const at::Tensor& x) { return graph.run(x, powers); }, to);
        EXPECT_TRUE(at::equal(to, powers(from))) << i;
    }
    EXPECT_TRUE(std::string(GetParam()) != "cpu" || !graph.recorded());
}

TEST_P(OnDevice, FreeMemoryIsKnownOfDevicesAlone) {
    const bool known = free_device_bytes(GetParam()) > 0;
    EXPECT_EQ(known, std::string(GetParam()) != "cpu");
}

Cube random_cube(std::int64_t side, int bands, float shift) {
    Cube cube;
    cube.reset({0, 0, side, side}, bands);
    const auto values = at::randn({static_cast<std::int64_t>(cube.values.size())}) + shift;
    std::copy_n(values.data_ptr<float>(), cube.values.size(), cube.values.begin());
    return cube;
}

std::vector<Prediction> predict(const Model& model, const std::vector<Cube>& cubes) {
    std::vector<Prediction> out(cubes.size());
    model.start()->predict(cubes, out, [](std::int64_t count, const auto& body) {
        while (count-- > 0) body(count);
    });
    return out;
}

/// Tile by tile, in batches, and in other places of batches of four: the bytes of a batch's size are one.
void expect_batches(const Model& model, const Model& on_cpu, std::int64_t side, int bands) {
    std::vector<Cube> cubes;
    for (int i = 0; i < 4; ++i) cubes.push_back(random_cube(side, bands, 0.1F * static_cast<float>(i)));
    const auto batch = predict(model, cubes);
    const auto other = predict(model, {cubes[2], cubes[0], {}, cubes[1]});
    const auto first = predict(on_cpu, {cubes[0]});
    EXPECT_EQ(other[1].values, batch[0].values);
    EXPECT_EQ(other[0].values, batch[2].values);
    EXPECT_TRUE(other[2].values.empty());
    EXPECT_THAT(batch[0].values, testing::Pointwise(testing::FloatNear(1e-3F), first[0].values));
}

TEST_P(OnDevice, MimIstdsTilesDoNotDependOnTheirPlace) {
    const auto config = entries::parse_mim_istd(
        R"({"outer": [8, 16, 32, 64], "words": [2, 4, 8, 16], "depths": [1, 1, 1, 1], "tile": 64})", "test");
    const auto network = [&] { return std::make_shared<MimIstd>(config, 3); };
    expect_batches(*make_tile_model_on(GetParam(), network()), *make_tile_model(network()), 64, 3);
}

TEST_P(OnDevice, SpectralGptsTilesDoNotDependOnTheirPlace) {
    const auto config = entries::parse_spectral_gpt(
        R"({"side": 32, "embed": 24, "depth": 2, "heads": 3, "bands": 12, "head_channels": 128, "classes": 5})",
        "test");
    const auto network = [&] { return std::make_shared<SpectralGpt>(config, 3); };
    expect_batches(*make_tile_model_on(GetParam(), network()), *make_tile_model(network()), 32, 12);
}

INSTANTIATE_TEST_SUITE_P(Devices, OnDevice, testing::Values("cpu", "cuda:0"), [](const auto& test) {
    return std::string(test.param).substr(0, 4) == "cuda" ? "Cuda" : "Cpu";
});

}  // namespace
}  // namespace spectile::networks
