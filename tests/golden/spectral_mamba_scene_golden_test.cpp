#include <ATen/ops/log.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/replication_pad2d.h>

#include "golden/spectral_mamba_case.hpp"
#include "models/native/spectral_mamba.hpp"
#include "support/patchwise.hpp"

namespace spectile::native {
namespace {

using namespace spectile::test;

/// The scene with its edge pixels repeated `halo` times on every side.
at::Tensor padded_scene(const GoldenFile& file, int halo, at::ScalarType type) {
    const auto scene = tensor_of(file.at("input.scene"), type);
    return halo == 0 ? scene : at::replication_pad2d(scene.unsqueeze(0), {halo, halo, halo, halo}).squeeze(0);
}

/// The file's state as the weights file of a model folder.
weights::SafeTensors weights_of(const GoldenFile& file) {
    std::map<std::string, weights::TensorView> views;
    for (const auto& [key, tensor] : file.tensors)
        if (key.rfind("state.", 0) == 0)
            views[key.substr(6)] = {weights::ElementType::F32, tensor.shape,
                                    std::as_bytes(std::span(tensor.values))};
    return weights::SafeTensors::parse(weights::encode_safetensors(views, {{"config", file.meta("config")}}),
                                       file.stem());
}

void expect_classes(const GoldenFile& file, const at::Tensor& scores) {
    EXPECT_TRUE(scores.argmax(0).equal(tensor_of(file.at("output.classes")))) << file.stem();
}

std::vector<GoldenFile> scenes() { return golden_files("spectralmamba", "scene"); }

class SpectralMambaSceneGolden : public testing::TestWithParam<Arithmetic> {};

TEST_P(SpectralMambaSceneGolden, PatchByPatchGivesTheMap) {
    SKIP_WITHOUT_GOLDENS();
    const auto& how = GetParam();
    const auto files = scenes();
    ASSERT_FALSE(files.empty()) << "no scene file in " << golden_root() / "spectralmamba";
    for (const auto& file : files) {
        const auto network = network_of(file, how);
        const auto scene = padded_scene(file, (network->window() - 1) / 2, how.type);
        const auto logits = patchwise_predict(*network, scene, /*batch=*/5);
        EXPECT_LE(tensor_error(logits, file.at("output.logits")), how.activations) << file.stem();
        expect_classes(file, logits);
    }
}

INSTANTIATE_TEST_SUITE_P(Every, SpectralMambaSceneGolden, testing::ValuesIn(kArithmetics), arithmetic_name);

/// Runs the whole-scene model on the padded scene; rows are handed out backwards, which must not matter.
Prediction predict_scene(const entries::SpectralMambaConfig& config, const Model& model,
                         const at::Tensor& scene) {
    Cube cube;
    cube.reset({-config.halo(), -config.halo(), scene.size(2), scene.size(1)}, config.bands);
    std::copy_n(scene.contiguous().data_ptr<float>(), cube.values.size(), cube.values.data());
    std::fill(cube.valid.begin(), cube.valid.end(), std::uint8_t{1});
    Prediction out;
    model.start()->predict({&cube, 1}, {&out, 1}, [](std::int64_t count, const auto& body) {
        while (count-- > 0) body(count);
    });
    return out;
}

TEST(SpectralMambaSceneGolden, DenseRunnerGivesTheMap) {
    SKIP_WITHOUT_GOLDENS();
    const auto files = scenes();
    ASSERT_FALSE(files.empty()) << "no scene file in " << golden_root() / "spectralmamba";
    for (const auto& file : files) {
        const auto config = entries::parse_spectral_mamba(file.meta("config"), file.stem());
        const auto model = make_dense_model(config, weights_of(file));
        const auto got = predict_scene(config, *model, padded_scene(file, config.halo(), at::kFloat));
        const auto shape = file.at("output.logits").shape;
        ASSERT_EQ((std::vector<std::int64_t>{got.channels, got.window.height, got.window.width}), shape);
        const auto probabilities = at::from_blob(const_cast<float*>(got.values.data()), shape, at::kFloat);
        // Probabilities fix the logits up to one number per pixel, which the golden's own logits give.
        const auto golden = tensor_of(file.at("output.logits"), at::kDouble);
        const auto logits = at::log(probabilities.to(at::kDouble)) + at::logsumexp(golden, 0, true);
        EXPECT_LE(tensor_error(logits, file.at("output.logits")), 1e-5) << file.stem();
        expect_classes(file, probabilities);
    }
}

}  // namespace
}  // namespace spectile::native
