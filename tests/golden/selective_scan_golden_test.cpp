#include "golden/golden_case.hpp"
#include "models/networks/layers/selective_scan.hpp"

namespace spectile::networks {
namespace {

using namespace spectile::test;

class SelectiveScanGolden : public testing::TestWithParam<Arithmetic> {};

std::map<std::string, at::Tensor> inputs_of(const GoldenFile& file, at::ScalarType type) {
    std::map<std::string, at::Tensor> inputs;
    for (const char* name : {"u", "delta", "A", "B", "C", "D", "z", "delta_bias"}) {
        const std::string key = std::string("input.") + name;
        inputs[name] = file.has(key) ? tensor_of(file.at(key), type).set_requires_grad(true) : at::Tensor();
    }
    return inputs;
}

TEST_P(SelectiveScanGolden, OutputsAndGradientsAgree) {
    SKIP_WITHOUT_GOLDENS();
    const auto& how = GetParam();
    const auto files = golden_files("spectralmamba", "selective_scan");
    ASSERT_FALSE(files.empty()) << "no selective_scan file in " << golden_root() / "spectralmamba";
    for (const auto& file : files) {
        auto t = inputs_of(file, how.type);
        const ScanInput input = {t["u"], t["delta"],      t["A"],
                                 t["B"], t["C"],          t["D"],
                                 t["z"], t["delta_bias"], file.meta("delta_softplus") == "true"};
        const auto out = how.reference_scan ? selective_scan_reference(input) : selective_scan(input);
        EXPECT_LE(tensor_error(out.y, file.at("output.y")), how.activations) << file.stem();
        EXPECT_LE(tensor_error(out.last_state, file.at("output.last_state")), how.activations) << file.stem();
        out.y.backward(tensor_of(file.at("grad_output.y"), how.type));
        expect_tensors(file, "grad.", how.gradients, [&](const std::string& name) { return t[name].grad(); });
    }
}

INSTANTIATE_TEST_SUITE_P(Every, SelectiveScanGolden, testing::ValuesIn(kArithmetics), arithmetic_name);

}  // namespace
}  // namespace spectile::networks
