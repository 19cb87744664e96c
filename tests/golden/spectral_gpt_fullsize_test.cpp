#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>

#include "golden/spectral_gpt_filled.hpp"
#include "models/networks/spectral_gpt/encoder.hpp"
#include "models/networks/spectral_gpt/losses.hpp"
#include "models/networks/spectral_gpt/packed_network.hpp"

namespace spectile::networks {
namespace {

using namespace spectile::test;

constexpr double kTolerance = 1e-4;     // Of the golden README, in float32.
constexpr double kLowTolerance = 3e-2;  // In bfloat16, whose numbers are 4e-3 apart.

/// The official Base networks, as they run on scenes.
class SpectralGptFullSize : public testing::Test {
protected:
    void run(const std::string& stem, entries::SpectralGptConfig config) {
        config.pos_embed = config.task == "classification" ? "full" : "separable";
        const auto files = gpt_files(stem);
        ASSERT_EQ(files.size(), 1U);
        file_ = files.front();
        network_ = filled_network(config, file_);
        image_ = input("image", {1, config.bands, config.side, config.side});
        EXPECT_EQ(tensor_error(image_.flatten().narrow(0, 0, 8), file_.at("probe.input")), 0);
    }
    at::Tensor input(const std::string& name, const std::vector<std::int64_t>& shape) {
        return filled_input(file_.meta("input_name") + "." + name, shape);
    }
    void expect_shown() {
        const auto& embedded = seen_.tensors.at("patch_embed");
        seen_.tensors["patch_embed_first_tokens"] = embedded.narrow(2, 0, 2).narrow(3, 0, 16);
        for (const char* block : {"blocks.0", "blocks.5", "blocks.11"})
            seen_.tensors[std::string(block) + ".first_tokens"] =
                seen_.tensors.at(block).narrow(1, 0, 4).narrow(2, 0, 16);
        expect_tensors(file_, "act.", kTolerance,
                       [&](const std::string& name) { return seen_.tensors[name]; });
    }
    void expect_output(const char* name, const at::Tensor& ours) {
        EXPECT_LE(tensor_error(ours, file_.at(std::string("out.") + name)), kTolerance) << name;
    }

    void expect_near_in_bfloat16(const char* name, const at::Tensor& image) {
        const auto error =
            tensor_error(infer(image, Precision::bfloat16), file_.at(std::string("out.") + name));
        EXPECT_LE(error, kLowTolerance) << name;
        EXPECT_GT(error, kTolerance) << name << ": nothing was rounded";
    }

    /// As it runs on scenes, by the kernels.
    at::Tensor infer(const at::Tensor& image, Precision precision = Precision::float32) {
        gpt::Inference inference(gpt::pack_network(*network_, precision));
        const ParallelFor one_by_one = [](std::int64_t count, const auto& body) {
            for (std::int64_t i = 0; i < count; ++i) body(i);
        };
        inference.parallel = &one_by_one;
        return network_->infer(image, inference, seen_.observer);
    }

    const at::NoGradGuard no_grad_;
    GoldenFile file_;
    std::unique_ptr<SpectralGpt> network_;
    at::Tensor image_;
    GptSeen seen_;
};

TEST_F(SpectralGptFullSize, Pretraining) {
    SKIP_WITHOUT_GOLDENS();
    entries::SpectralGptConfig config;
    config.task = "pretraining";
    config.side = 96;
    run("fullsize_mae", config);
    const auto masking = mask_tokens(input("noise", {1, config.tokens()}), config.mask_ratio);
    EXPECT_EQ(tensor_error(masking.hidden, file_.at("out.mask")), 0);
    const auto predicted = network_->reconstruct(image_, masking, seen_.observer);
    expect_shown();
    expect_output("pred", predicted);
    expect_output("loss", reconstruction_loss(predicted, gpt::patchify(config, image_), masking.hidden,
                                              config.groups(), config.norm_pix_loss)
                              .total);
}

TEST_F(SpectralGptFullSize, Classification) {
    SKIP_WITHOUT_GOLDENS();
    entries::SpectralGptConfig config;
    config.task = "classification";
    config.classes = 19;
    run("fullsize_cls", config);
    const auto logits = network_->forward(image_, seen_.observer);
    expect_shown();
    expect_output("logits", logits);
    expect_output("logits", infer(image_));
    expect_near_in_bfloat16("logits", image_);
}

TEST_F(SpectralGptFullSize, Segmentation) {
    SKIP_WITHOUT_GOLDENS();
    run("fullsize_seg", {});
    const auto logits = network_->forward(image_, seen_.observer);
    expect_shown();
    expect_output("logits", logits);
    expect_classes(logits, file_.at("out.classes"), 1e-4);
    const auto inferred = infer(image_);
    expect_shown();  // Of blocks and head what the tensors gave, between them what the kernels did.
    expect_output("logits", inferred);
    expect_near_in_bfloat16("logits", image_);
}

TEST_F(SpectralGptFullSize, Change) {
    SKIP_WITHOUT_GOLDENS();
    entries::SpectralGptConfig config;
    config.task = "change";
    config.classes = 2;
    run("fullsize_cd", config);
    const auto second = input("image2", {1, config.bands, config.side, config.side});
    const auto log_probability = network_->forward(at::cat({image_, second}, 1));
    expect_output("log_prob", log_probability);
    expect_classes(log_probability, file_.at("out.classes"), 1e-4);
    expect_output("log_prob", infer(at::cat({image_, second}, 1)));
    expect_near_in_bfloat16("log_prob", at::cat({image_, second}, 1));
}

}  // namespace
}  // namespace spectile::networks
