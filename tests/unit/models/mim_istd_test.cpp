#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/randn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "models/networks/mim_istd/network.hpp"
#include "models/networks/mim_istd/weight_rules.hpp"
#include "models/networks/weight_files.hpp"
#include "spectile/error.hpp"
#include "support/golden_file.hpp"
#include "support/without_one_dnn.hpp"

namespace spectile::networks {
namespace {

using entries::parse_mim_istd;
using testing::HasSubstr;

const std::string kSmall =
    R"("outer": [8, 16, 32, 64], "words": [2, 4, 8, 16], "depths": [1, 2, 1, 1], "tile": 128)";

MimIstd network_of(const std::string& keys, std::uint64_t seed = 1) {
    return MimIstd(parse_mim_istd("{" + keys + "}", "test"), seed);
}

template <typename Body>
std::string failure_of(Body body) {
    try {
        body();
    } catch (const Error& e) {
        EXPECT_THAT(e.what(), testing::Not(HasSubstr("\n")));
        return e.what();
    }
    return "nothing was thrown";
}

TEST(MimIstd, HasThePublishedParameters) {
    std::int64_t used = 0;
    for (const auto& named : MimIstd({}, 1).tensors())
        if (named.trainable) used += named.tensor.numel();
    EXPECT_EQ(used, 4'861'617);
}

TEST(MimIstd, WritesEveryPublishedKeyForExchange) {
    if (test::golden_absent()) GTEST_SKIP() << test::golden_root() << " is not there; set SPECTILE_GOLDEN";
    std::ifstream in(test::golden_root() / "mim_istd" / "official_keys.json");
    ASSERT_TRUE(in) << "no official_keys.json";
    const auto published = nlohmann::json::parse(in).at("entries");
    const auto path = std::filesystem::temp_directory_path() /
                      ("spectile-exchange-" + std::to_string(getpid()) + ".safetensors");
    MimIstd network({}, 1);
    save_for_exchange(path.string(), network);
    const auto file = weights::SafeTensors::open(path.string());
    std::filesystem::remove(path);
    EXPECT_EQ(file.tensors().size(), published.size());
    std::int64_t total = 0;
    for (const auto& entry : published) {
        const auto name = entry.at("name").get<std::string>();
        ASSERT_TRUE(file.contains(name)) << name;
        const auto& view = file.at(name);
        EXPECT_EQ(view.shape, entry.at("shape").get<std::vector<std::int64_t>>()) << name;
        EXPECT_EQ(weights::name_of(view.dtype), entry.at("dtype").get<std::string>()) << name;
        if (entry.at("kind") == "parameter") total += static_cast<std::int64_t>(view.elements());
    }
    EXPECT_EQ(total, 8'597'681);
    MimIstd other({}, 2);
    copy_mim_istd_weights(file, other);
    EXPECT_TRUE(other.tensors()[0].tensor.equal(network.tensors()[0].tensor));
}

TEST(MimIstd, RefusesSizesThatWouldBeAnotherFunctionOrNone) {
    auto network = network_of(kSmall + R"(, "channels": 3)");
    const at::NoGradGuard no_grad;
    const auto run = [&](std::int64_t rows, std::int64_t cols) {
        return failure_of([&] { network.forward(at::randn({1, 3, rows, cols})); });
    };
    EXPECT_THAT(run(96, 96), HasSubstr("a multiple of 64, not 96x96"));
    EXPECT_THAT(run(64, 128), HasSubstr("square images, not 128x64"));
    EXPECT_THAT(run(64, 256), HasSubstr("square images, not 256x64"));
    EXPECT_EQ(run(192, 192), "nothing was thrown");
    EXPECT_THAT(failure_of([&] { network.forward(at::randn({1, 2, 64, 64})); }), HasSubstr("3 bands, not 2"));
}

TEST(MimIstd, RefusesImpossibleParametersByName) {
    for (const auto& [keys, said] : {std::pair{R"("tile": 96)", "tile: must be a multiple of 64"},
                                     {R"("layout": "other")", "layout"},
                                     {R"("outer": [32, 64, 128, 200])", "outer: must double"},
                                     {R"("bands": 2)", "bands: must be 1"},
                                     {R"("word_px": 3)", "word_px"},
                                     {R"("sentence_px": 12)", "sentence_px: must be 4, 8 or 16"},
                                     {R"("dropout": 1)", "dropout"},
                                     {R"("depth": 3)", "depth: is unknown"}})
        EXPECT_THAT(failure_of([&] { network_of(keys); }), HasSubstr(said)) << keys;
}

class EveryShape : public testing::TestWithParam<const char*> {};

TEST_P(EveryShape, RunsAndEveryParameterLearns) {
    const test::WithoutOneDnn plain;
    auto network = network_of(kSmall + ", " + GetParam());
    network.train(true);
    const auto x = at::randn({2, network.config().bands, 128, 128});
    const auto logits = network.forward(x);
    EXPECT_EQ(logits.sizes(), (std::vector<std::int64_t>{2, 1, 128, 128}));
    (logits * logits).mean().backward();
    for (const auto& named : network.tensors())
        if (named.trainable) {
            ASSERT_TRUE(named.tensor.grad().defined()) << named.name;
            EXPECT_TRUE(named.tensor.grad().isfinite().all().item<bool>()) << named.name;
        }
}

TEST_P(EveryShape, KernelsAgreeWithTheComposition) {
    auto network = network_of(kSmall + ", " + GetParam());
    const at::NoGradGuard no_grad;
    const auto x = at::randn({2, network.config().bands, 128, 128});
    const auto ours = network.forward(x);
    network.use_reference_scan(true);
    const auto expected = network.forward(x);
    EXPECT_LE((ours - expected).abs().max().item<float>(), 1e-4F * expected.abs().max().item<float>());
}

TEST_P(EveryShape, NeitherThreadsNorBeingShownThingsChangeAByte) {
    auto network = network_of(kSmall + ", " + GetParam());
    const at::NoGradGuard no_grad;
    const auto x = at::randn({1, network.config().bands, 256, 256});
    const auto alone = network.forward(x);
    const int before = at::get_num_threads();
    at::set_num_threads(3);
    EXPECT_TRUE(network.forward(x).equal(alone));
    at::set_num_threads(before);
    EXPECT_TRUE(network.forward(x, [](const std::string&, const at::Tensor&) {}).equal(alone));
}

INSTANTIATE_TEST_SUITE_P(Every, EveryShape,
                         testing::Values(R"("layout": "official")", R"("layout": "spatial")",
                                         R"("inner": "conv")", R"("inner": "none")", R"("bands": 1)",
                                         R"("sentence_px": 4, "word_px": 1)",
                                         R"("sentence_px": 16, "word_px": 4)",
                                         R"("sentence_px": 8, "word_px": 4)",
                                         R"("sentence_px": 8, "word_px": 1)"));

/// How far, in sentences, the first stage's words reach that change when the image changes within sentence
/// (9, 9). Words never see the outer scan, so with true permutations only convolutions carry them.
std::int64_t reach_of_a_change(const std::string& keys) {
    auto network = network_of(kSmall + keys);
    const at::NoGradGuard no_grad;
    const auto words_of = [&](const at::Tensor& x) {
        at::Tensor words;
        network.forward(x, [&](const std::string& name, const at::Tensor& value) {
            if (name == "stage0.words") words = value.clone();
        });
        return words;
    };
    const auto x = at::linspace(-1, 1, 3 * 256 * 256).sin().view({1, 3, 256, 256});
    auto changed = x.clone();
    changed.narrow(2, 9 * 8, 8).narrow(3, 9 * 8, 8).add_(1);
    const auto differ = (words_of(x) != words_of(changed)).flatten(1).any(1).view({32, 32}).nonzero();
    EXPECT_GT(differ.size(0), 0);
    return (differ - 9).abs().max().item<std::int64_t>();
}

TEST(MimIstd, TheSpatialLayoutKeepsWordsWhereTheirPixelsAre) {
    for (const std::string inner : {"ss2d", "conv"}) {
        const std::string keys = R"(, "inner": ")" + inner + "\"";
        EXPECT_LE(reach_of_a_change(keys + R"(, "layout": "spatial")"), 2) << inner;
        EXPECT_GT(reach_of_a_change(keys + R"(, "layout": "official")"), 8) << inner;
    }
}

class MimIstdFiles : public testing::Test {
protected:
    MimIstdFiles() {
        for (const auto& named : network_.tensors()) {
            const auto* data = static_cast<const std::byte*>(named.tensor.data_ptr());
            views_[named.name] = {
                weights::ElementType::F32, named.tensor.sizes().vec(), {data, named.tensor.nbytes()}};
        }
    }
    std::string load(const std::map<std::string, std::string>& metadata, const std::string& keys = kSmall) {
        auto other = network_of(keys, 2);
        return failure_of([&] {
            copy_mim_istd_weights(
                weights::SafeTensors::parse(weights::encode_safetensors(views_, metadata), "w"), other);
            EXPECT_TRUE(other.tensors()[3].tensor.equal(network_.tensors()[3].tensor));
        });
    }
    MimIstd network_ = network_of(kSmall);
    std::map<std::string, weights::TensorView> views_;
    std::vector<float> four_ = {1, 2, 3, 4};
};

TEST_F(MimIstdFiles, PublishedFormIsTakenWithItsPrefixAndDeadEntries) {
    std::map<std::string, weights::TensorView> prefixed;
    for (const auto& [key, view] : views_) prefixed["module." + key] = view;
    views_ = prefixed;
    const weights::TensorView dead = {weights::ElementType::F32, {2, 2}, std::as_bytes(std::span(four_))};
    views_["module.mim_backbone.stages.0.relative_pos"] = dead;
    views_["module.mim_backbone.norm.weight"] = dead;
    EXPECT_EQ(load({}), "nothing was thrown");
}

TEST_F(MimIstdFiles, AnythingElseIsRefusedByName) {
    views_["extra.weight"] = {weights::ElementType::F32, {4}, std::as_bytes(std::span(four_))};
    views_.erase("head.block.4.bias");
    EXPECT_THAT(load({}), testing::AllOf(HasSubstr("missing: head.block.4.bias"),
                                         HasSubstr("unexpected: extra.weight")));
}

TEST_F(MimIstdFiles, AnotherLayoutIsRefused) {
    EXPECT_THAT(load({}, kSmall + R"(, "layout": "spatial")"), HasSubstr("parameters.layout is spatial"));
    EXPECT_THAT(load({{"config", entries::to_json(network_.config())}}, kSmall + R"(, "layout": "spatial")"),
                HasSubstr("was trained with layout \"official\""));
    EXPECT_EQ(load({{"config", entries::to_json(network_.config())}}), "nothing was thrown");
}

}  // namespace
}  // namespace spectile::networks
