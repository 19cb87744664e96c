#include <ATen/ops/cross_entropy_loss.h>

#include "golden/spectral_mamba_case.hpp"

namespace spectile::networks {
namespace {

using namespace spectile::test;

class SpectralMambaGolden : public testing::TestWithParam<Arithmetic> {};

void expect_gradients(const GoldenFile& file, SpectralMamba& network, const at::Tensor& x,
                      const at::Tensor& logits, const Arithmetic& how) {
    if (!file.has("input.labels")) return;
    const auto loss = at::cross_entropy_loss(logits, tensor_of(file.at("input.labels")));
    EXPECT_LE(tensor_error(loss.reshape({1}), file.at("output.loss")), how.activations) << file.stem();
    loss.backward();
    std::map<std::string, at::Tensor> gradients = {{"input.x", x.grad()}};
    for (auto& named : network.tensors()) gradients[named.name] = named.tensor.grad();
    expect_tensors(file, "grad.", how.gradients, [&](const std::string& name) { return gradients[name]; });
}

TEST_P(SpectralMambaGolden, ActivationsLogitsLossAndGradientsAgree) {
    SKIP_WITHOUT_GOLDENS();
    const auto& how = GetParam();
    const auto files = golden_files("spectralmamba", "model");
    ASSERT_FALSE(files.empty()) << "no model file in " << golden_root() / "spectralmamba";
    int with_gradients = 0;
    for (const auto& file : files) {
        const auto network = network_of(file, how);
        const auto x = tensor_of(file.at("input.x"), how.type).set_requires_grad(true);
        std::map<std::string, at::Tensor> seen;
        const auto logits = network->forward(
            x, [&](const std::string& name, const at::Tensor& value) { seen[name] = value; });
        expect_tensors(file, "act.", how.activations, [&](const std::string& name) { return seen[name]; });
        EXPECT_LE(tensor_error(logits, file.at("output.logits")), how.activations) << file.stem();
        expect_gradients(file, *network, x, logits, how);
        with_gradients += file.has("input.labels");
    }
    EXPECT_GT(with_gradients, 0);
}

INSTANTIATE_TEST_SUITE_P(Every, SpectralMambaGolden, testing::ValuesIn(kArithmetics), arithmetic_name);

}  // namespace
}  // namespace spectile::networks
