#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/softmax.h>

#include "golden/spectral_gpt_case.hpp"
#include "models/networks/spectral_gpt/encoder.hpp"
#include "models/networks/spectral_gpt/losses.hpp"
#include "models/networks/spectral_gpt/position_tables.hpp"
#include "support/without_one_dnn.hpp"

namespace spectile::networks {
namespace {

using namespace spectile::test;

/// Runs with gradients for the plain forms and without for the blockwise one.
class SpectralGptGolden : public testing::TestWithParam<GptArithmetic> {
protected:
    SpectralGptGolden() { at::GradMode::set_enabled(!GetParam().blockwise); }
    ~SpectralGptGolden() override { at::GradMode::set_enabled(true); }

    at::Tensor input(const GoldenFile& file, const char* name) {
        return tensor_of(file.at(std::string("input.") + name), GetParam().type);
    }
    void expect_shown(const GoldenFile& file, GptSeen& seen) {
        expect_tensors(file, "act.", GetParam().outputs,
                       [&](const std::string& name) { return seen.tensors[name]; });
    }
    void expect_output(const GoldenFile& file, const char* name, const at::Tensor& ours) {
        EXPECT_LE(tensor_error(ours, file.at(std::string("out.") + name)), GetParam().outputs)
            << file.stem() << ": " << name;
    }
    /// Every gradient in the file; those of `k.bias` are zero but for rounding.
    void expect_gradients(const GoldenFile& file, SpectralGpt& network, const at::Tensor& loss) {
        if (GetParam().blockwise) return;
        loss.backward();
        std::map<std::string, at::Tensor> gradients;
        for (const auto& named : network.tensors()) gradients[named.name] = named.tensor.grad();
        EXPECT_LE(gradients.at("blocks.0.attn.k.bias").abs().max().item<double>(), 1e-6) << file.stem();
        int compared = 0;
        expect_tensors(file, "grad.", GetParam().gradients, [&](const std::string& name) {
            ++compared;
            return gradients[name];
        });
        EXPECT_GT(compared, 0) << file.stem();
    }
    const WithoutOneDnn without_;
};

TEST_P(SpectralGptGolden, Pretraining) {
    SKIP_WITHOUT_GOLDENS();
    for (const auto& file : gpt_files("pretrain_small")) {
        auto network = gpt_network(file, "pretraining", GetParam().type);
        const auto& config = network.config();
        const auto image = input(file, "image");
        const auto masking = mask_tokens(input(file, "noise"), config.mask_ratio);
        EXPECT_TRUE(masking.kept.equal(tensor_of(file.at("out.ids_keep")))) << file.stem();
        EXPECT_TRUE(masking.restored.equal(tensor_of(file.at("out.ids_restore")))) << file.stem();
        EXPECT_EQ(tensor_error(masking.hidden, file.at("out.mask")), 0) << file.stem();
        GptSeen seen;
        const auto predicted = network.reconstruct(image, masking, seen.observer);
        const auto target = seen.tensors["target"] = gpt::patchify(config, image);
        seen.tensors["unpatchified"] = gpt::unpatchify(config, predicted).unsqueeze(1);
        EXPECT_TRUE(gpt::unpatchify(config, target).equal(image));
        expect_shown(file, seen);
        expect_output(file, "pred", predicted);
        const auto loss =
            reconstruction_loss(predicted, target, masking.hidden, config.groups(), config.norm_pix_loss);
        expect_output(file, "loss", loss.total);
        expect_output(file, "loss_token", loss.token);
        expect_output(file, "loss_spectral", loss.spectral);
        expect_gradients(file, network, loss.total);
    }
}

TEST_P(SpectralGptGolden, Classification) {
    SKIP_WITHOUT_GOLDENS();
    for (const auto& file : gpt_files("classification_small")) {
        auto network = gpt_network(file, "classification", GetParam().type);
        GptSeen seen;
        const auto logits = network.forward(input(file, "image"), seen.observer);
        const bool several = file.stem().ends_with("multilabel");
        expect_shown(file, seen);
        expect_output(file, "logits", logits);
        expect_output(file, "probabilities", several ? at::sigmoid(logits) : at::softmax(logits, 1));
        const auto target = input(file, "target");
        const auto loss = several ? multi_label_loss(logits, target) : soft_target_loss(logits, target);
        expect_output(file, "loss", loss);
        expect_gradients(file, network, loss);
    }
}

TEST_P(SpectralGptGolden, Segmentation) {
    SKIP_WITHOUT_GOLDENS();
    for (const auto& file : gpt_files("segmentation_small")) {
        auto network = gpt_network(file, "segmentation", GetParam().type);
        GptSeen seen;
        const auto logits = network.forward(input(file, "image"), seen.observer);
        expect_shown(file, seen);
        expect_output(file, "logits", logits);
        expect_classes(logits, file.at("out.classes"), 1e-4);
        const auto loss = segmentation_loss(logits, tensor_of(file.at("input.target")));
        expect_output(file, "loss", loss);
        expect_gradients(file, network, loss);
    }
}

TEST_P(SpectralGptGolden, Change) {
    SKIP_WITHOUT_GOLDENS();
    for (const auto& file : gpt_files("change_small")) {
        auto network = gpt_network(file, "change", GetParam().type);
        GptSeen seen;
        const auto dates = at::cat({input(file, "image1"), input(file, "image2")}, 1);
        const auto log_probability = network.forward(dates, seen.observer);
        expect_shown(file, seen);
        expect_output(file, "log_prob", log_probability);
        expect_classes(log_probability, file.at("out.classes"), 1e-4);
        const auto loss =
            change_loss(log_probability, tensor_of(file.at("input.target")), input(file, "class_weights"));
        expect_output(file, "loss", loss);
        expect_gradients(file, network, loss);
    }
}

INSTANTIATE_TEST_SUITE_P(Every, SpectralGptGolden, testing::ValuesIn(kGptArithmetics), gpt_arithmetic_name);

TEST(SpectralGptPositions, AreResizedAsTheReferenceDoes) {
    SKIP_WITHOUT_GOLDENS();
    for (const auto& file : gpt_files("pos_embed_resize"))
        for (const auto& [type, tolerance] : {std::pair{at::kFloat, 2e-5}, std::pair{at::kDouble, 1e-6}}) {
            const auto table = tensor_of(file.at("input.pos_embed_spatial"), type);
            const auto ours = resized_positions(table, std::stoll(file.meta("to_grid")), "test");
            EXPECT_LE(tensor_error(ours, file.at("out.pos_embed_spatial")), tolerance);
        }
}

}  // namespace
}  // namespace spectile::networks
