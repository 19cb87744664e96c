#include <set>

#include "golden/mim_istd_case.hpp"
#include "models/networks/mim_istd/losses.hpp"
#include "support/without_one_dnn.hpp"

namespace spectile::networks {
namespace {

using namespace spectile::test;

/// Biases in front of a normalisation by batch statistics, whose gradient is zero in exact arithmetic.
const std::set<std::string> kWithoutGradient = {"mim_backbone.patch_embed.common_conv.0.bias",
                                                "mim_backbone.stages.0.blocks.1.outer_mlp.conv1x1_pw.0.bias",
                                                "mim_backbone.up_blocks.0.transposed_conv.bias"};

void expect_gradients(const GoldenFile& file, MimIstd& network, const Arithmetic& how) {
    std::map<std::string, at::Tensor> gradients;
    double squares = 0;
    for (auto& named : network.tensors()) {
        if (!named.trainable) continue;
        ASSERT_TRUE(named.tensor.grad().defined()) << named.name;
        gradients[named.name] = named.tensor.grad();
        squares += named.tensor.grad().to(at::kDouble).square().sum().item<double>();
    }
    const double tolerance = mim_tolerance(how).train_gradient;
    int compared = 0;
    for (const auto& [key, golden] : file.tensors) {
        if (!key.starts_with("grad.")) continue;
        ++compared;
        const auto name = key.substr(5);
        if (kWithoutGradient.count(name) != 0)
            EXPECT_LE(gradients.at(name).abs().max().item<double>(), 1e-6) << name;
        else
            EXPECT_LE(tensor_error(gradients[name], golden), tolerance) << key;
    }
    EXPECT_GT(compared, 0);
    EXPECT_NEAR(std::sqrt(squares) / file.at("grad_norm_total").values[0], 1, tolerance);
}

class MimIstdTrainingGolden : public testing::TestWithParam<Arithmetic> {};

TEST_P(MimIstdTrainingGolden, OneStepAgrees) {
    SKIP_WITHOUT_GOLDENS();
    const WithoutOneDnn without;
    const auto& how = GetParam();
    const auto tolerance = mim_tolerance(how);
    const double loss_tolerance = how.type == at::kDouble ? 1e-7 : 1e-6;
    const auto states = mim_files("full_state"), files = mim_files("train_step");
    ASSERT_FALSE(states.empty()) << "no full_state file in " << golden_root() / "mim_istd";
    ASSERT_FALSE(files.empty()) << "no train_step file in " << golden_root() / "mim_istd";
    for (const auto& file : files) {
        const auto network = full_network(states.front(), how, /*dropout=*/0);
        network->train(true);
        const auto target = tensor_of(file.at("target"), how.type);
        const auto logits = network->forward(tensor_of(file.at("input"), how.type));
        EXPECT_LE(tensor_error(logits, file.at("output.logits")), tolerance.train_logits);
        const auto dice = dice_loss(logits, target);
        EXPECT_NEAR(dice.item<double>(), file.at("loss.dice").values[0], loss_tolerance);
        EXPECT_NEAR(soft_iou_loss(logits, target).item<double>(), file.at("loss.softiou").values[0],
                    loss_tolerance);
        dice.backward();
        expect_gradients(file, *network, how);
        std::map<std::string, at::Tensor> after;
        for (auto& named : network->tensors()) after[named.name] = named.tensor;
        for (const auto& [key, golden] : file.tensors)
            if (key.starts_with("after.") && !key.ends_with("num_batches_tracked")) {
                EXPECT_LE(tensor_error(after[key.substr(6)], golden), tolerance.statistics) << key;
            }
    }
}

INSTANTIATE_TEST_SUITE_P(Every, MimIstdTrainingGolden, testing::ValuesIn(kArithmetics), arithmetic_name);

}  // namespace
}  // namespace spectile::networks
