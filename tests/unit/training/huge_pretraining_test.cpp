// A slow test with a process of its own, whose peak of memory it measures.
#include <ATen/ops/rand.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cmath>
#include <fstream>
#include <iostream>
#include <string>

#include "training/optimiser.hpp"
#include "training/pretrain_pass.hpp"
#include "training/without_one_dnn.hpp"

namespace spectile::training {
namespace {

constexpr double kGiB = 1024.0 * 1024 * 1024;

/// What the system would give, the files that it holds in its cache included.
double available_gib() {
    std::ifstream meminfo("/proc/meminfo");
    const std::string key = "MemAvailable:";
    for (std::string line; std::getline(meminfo, line);)
        if (line.starts_with(key)) return std::stod(line.substr(key.size())) / (1024 * 1024);
    return 0;
}

TEST(HugePretraining, MakesAStepWithin24GiB) {
    if (available_gib() < 16) GTEST_SKIP() << "less than 16 GiB of memory are available";
    const WithoutOneDnn without;
    const auto config = entries::parse_spectral_gpt(
        R"({"task": "pretraining", "size": "huge", "side": 128, "mask_ratio": 0.9})", "test");
    networks::SpectralGpt network(config, 1);
    AdamW optimiser(trainable(network.tensors()), 0.05, {0.9, 0.95});
    std::vector<at::Tensor> gradients;
    double parameters = 0;
    for (const auto& t : optimiser.parameters()) {
        gradients.push_back(at::zeros_like(t.tensor));
        parameters += static_cast<double>(t.tensor.numel());
    }
    EXPECT_EQ(parameters, 643'759'040) << "as published";
    const MaskedCrops crops{at::rand({1, 12, 128, 128}),
                            networks::masking_noise(1, 1, 0, 1, config.tokens())};
    const auto loss = learn_crops({network, optimiser.parameters(), 8, {}}, crops, gradients);
    EXPECT_TRUE(std::isfinite(loss.mean()) && loss.mean() > 0);
    EXPECT_TRUE(std::isfinite(gradient_norm(gradients)));
    const float before = values_of(optimiser.parameters()[10].tensor)[0];
    optimiser.step(gradients, 1e-3);
    EXPECT_NE(values_of(optimiser.parameters()[10].tensor)[0], before);
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const double peak = static_cast<double>(usage.ru_maxrss) * 1024 / kGiB;
    RecordProperty("peak_gib", std::to_string(peak));
    std::cout << "peak of memory: " << peak << " GiB\n";
    EXPECT_LT(peak, 24);
}

}  // namespace
}  // namespace spectile::training
