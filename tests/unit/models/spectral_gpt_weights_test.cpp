#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "models/networks/spectral_gpt/position_tables.hpp"
#include "models/networks/spectral_gpt/weight_layout.hpp"
#include "models/networks/spectral_gpt/weight_rules.hpp"
#include "spectile/error.hpp"

namespace spectile::networks {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::string kSmall = R"("embed": 24, "depth": 1, "heads": 3, "decoder_embed": 16, "decoder_depth": 1,
    "decoder_heads": 2, "head_channels": 128, "head_width": 16)";

entries::SpectralGptConfig config_of(const std::string& keys) {
    return entries::parse_spectral_gpt("{" + kSmall + ", " + keys + "}", "test");
}

/// A network's tensors as a file, with `prefix` before every key.
weights::SafeTensors file_of(SpectralGpt& network, const std::string& prefix = {},
                             const std::string& left_out = {}) {
    std::map<std::string, weights::TensorView> views;
    for (const auto& named : network.tensors()) {
        if (named.name == left_out) continue;
        const auto* data = static_cast<const std::byte*>(named.tensor.data_ptr());
        views[prefix + named.name] = {
            weights::ElementType::F32, named.tensor.sizes().vec(), {data, named.tensor.nbytes()}};
    }
    return weights::SafeTensors::parse(weights::encode_safetensors(views, {}), "w.safetensors");
}

at::Tensor tensor_of(SpectralGpt& network, const std::string& name) {
    for (const auto& named : network.tensors())
        if (named.name == name) return named.tensor;
    ADD_FAILURE() << "no tensor " << name;
    return {};
}

template <typename Body>
std::string failure_of(Body body) {
    try {
        body();
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Code::model);
        EXPECT_THAT(e.what(), testing::Not(HasSubstr("\n")));
        return e.what();
    }
    return "nothing was thrown";
}

TEST(SpectralGptWeights, PublishedPrefixIsTakenOff) {
    const auto config = config_of(R"("task": "change", "side": 32)");
    SpectralGpt network(config, 3);
    const auto read = load_spectral_gpt(file_of(network, "module."), config);
    for (const auto& named : network.tensors())
        EXPECT_TRUE(tensor_of(*read, named.name).equal(named.tensor)) << named.name;
}

TEST(SpectralGptWeights, AnythingMissingOrUnexpectedIsRefusedByName) {
    const auto config = config_of(R"("task": "segmentation", "side": 32)");
    SpectralGpt network(config, 3), pretrained(config_of(R"("task": "pretraining", "side": 32)"), 3);
    EXPECT_THAT(failure_of([&] { load_spectral_gpt(file_of(network, "", "fc.0.weight"), config); }),
                HasSubstr("w.safetensors: does not fit the network; missing: fc.0.weight"));
    EXPECT_THAT(failure_of([&] { load_spectral_gpt(file_of(pretrained), config); }),
                AllOf(HasSubstr("missing: cls_seg.0.weight"), HasSubstr("unexpected: decoder_blocks.0")));
    EXPECT_THAT(failure_of([&] {
                    load_spectral_gpt(file_of(network),
                                      config_of(R"("task": "segmentation", "side": 32, "classes": 5)"));
                }),
                HasSubstr("misshapen: cls_seg.0.weight is F32 [13, 16, 3, 3], not [5, 16, 3, 3]"));
}

TEST(SpectralGptWeights, TheKindOfTablesFollowsFromTheFile) {
    for (const char* kind : {"full", "separable"}) {
        SpectralGpt network(
            config_of(R"("task": "classification", "side": 32, "classes": 3, "pos_embed": ")" +
                      std::string(kind) + "\""),
            3);
        const auto read = load_spectral_gpt(
            file_of(network), config_of(R"("task": "classification", "side": 32, "classes": 3)"));
        EXPECT_EQ(read->config().pos_embed, kind);
    }
}

TEST(SpectralGptWeights, TablesForAnotherSideAreResized) {
    SpectralGpt network(config_of(R"("task": "segmentation", "side": 24)"), 3);
    for (auto& named : network.tensors())
        if (named.name == "pos_embed_spatial") named.tensor.detach().normal_();
    const auto read = load_spectral_gpt(file_of(network), config_of(R"("task": "segmentation", "side": 32)"));
    const auto expected = resized_positions(tensor_of(network, "pos_embed_spatial").detach(), 4, "test");
    EXPECT_TRUE(tensor_of(*read, "pos_embed_spatial").equal(expected));
}

TEST(SpectralGptWeights, ATableThatIsNoSquareIsRefused) {
    EXPECT_THAT(failure_of([] {
                    resized_positions(at::zeros({1, 3, 8}), 4, "w: pos_embed_spatial");
                }),
                HasSubstr("w: pos_embed_spatial: has 3 rows, which is no square grid"));
}

class FromPretraining : public testing::Test {
protected:
    SpectralGpt pretrained_{config_of(R"("task": "pretraining", "side": 24)"), 3};
};

TEST_F(FromPretraining, TheEncoderIsTakenAndTheHeadStartsFromScratch) {
    SpectralGpt network(config_of(R"("task": "classification", "side": 24, "classes": 3)"), 4);
    const auto fresh = begin_from_pretraining(file_of(pretrained_), network, PositionChange::bicubic);
    EXPECT_THAT(fresh, testing::ElementsAre("head.weight", "head.bias"));
    for (const char* name :
         {"pos_embed_spatial", "pos_embed_temporal", "blocks.0.attn.q.weight", "norm.bias"})
        EXPECT_TRUE(tensor_of(network, name).equal(tensor_of(pretrained_, name))) << name;
}

TEST_F(FromPretraining, AFullTableStartsFromScratchAsPublished) {
    SpectralGpt network(
        config_of(R"("task": "classification", "side": 24, "classes": 3, "pos_embed": "full")"), 4);
    EXPECT_THAT(begin_from_pretraining(file_of(pretrained_), network, PositionChange::bicubic),
                testing::ElementsAre("pos_embed", "head.weight", "head.bias"));
}

TEST_F(FromPretraining, AtAnotherSideTablesAreResizedOrStartAnew) {
    SpectralGpt larger(config_of(R"("task": "pretraining", "side": 32)"), 4);
    const auto before = tensor_of(larger, "pos_embed_spatial").clone();
    EXPECT_THAT(begin_from_pretraining(file_of(pretrained_), larger, PositionChange::reinit),
                testing::ElementsAre("pos_embed_spatial", "decoder_pos_embed_spatial"));
    EXPECT_TRUE(tensor_of(larger, "pos_embed_spatial").equal(before));
    EXPECT_THAT(begin_from_pretraining(file_of(pretrained_), larger, PositionChange::bicubic),
                testing::IsEmpty());
    for (const char* name : {"pos_embed_spatial", "decoder_pos_embed_spatial"})
        EXPECT_TRUE(tensor_of(larger, name)
                        .equal(resized_positions(tensor_of(pretrained_, name).detach(), 4, "test")))
            << name;
}

TEST_F(FromPretraining, AFileWithoutAnEncoderIsRefused) {
    SpectralGpt network(config_of(R"("task": "classification", "side": 24, "classes": 3)"), 4);
    std::map<std::string, weights::TensorView> none;
    const auto file = weights::SafeTensors::parse(weights::encode_safetensors(none, {}), "w.safetensors");
    EXPECT_THAT(failure_of([&] { begin_from_pretraining(file, network, PositionChange::bicubic); }),
                HasSubstr("w.safetensors: holds no pretrained encoder"));
}

TEST(SpectralGptWeights, BeginAsPublished) {
    const auto layout_of = [](const char* task) {
        std::map<std::string, LayoutTensor> layout;
        for (const auto& tensor : spectral_gpt_layout(
                 config_of(R"("side": 32, "classes": 2, "task": ")" + std::string(task) + "\"")))
            layout[tensor.name] = tensor;
        return layout;
    };
    auto pretraining = layout_of("pretraining"), change = layout_of("change");
    EXPECT_EQ(pretraining["pos_embed_spatial"].begin, Begin::truncated);
    EXPECT_EQ(pretraining["mask_token"].begin, Begin::normal);
    EXPECT_EQ(pretraining["blocks.0.attn.q.bias"].begin, Begin::zeros);
    EXPECT_DOUBLE_EQ(pretraining["blocks.0.mlp.fc1.weight"].scale, std::sqrt(6.0 / (24 + 96)));
    EXPECT_DOUBLE_EQ(pretraining["patch_embed.proj.weight"].scale, std::sqrt(6.0 / (24 + 192)));
    EXPECT_DOUBLE_EQ(pretraining["patch_embed.proj.bias"].scale, 1 / std::sqrt(192.0));
    EXPECT_EQ(change["pos_embed_spatial"].begin, Begin::zeros);
    EXPECT_DOUBLE_EQ(change["blocks.0.mlp.fc2.bias"].scale, 1 / std::sqrt(96.0));
    EXPECT_DOUBLE_EQ(change["conv0.3.weight"].scale, 1 / std::sqrt(16.0 * 64));
}

}  // namespace
}  // namespace spectile::networks
