#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/softmax.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "models/networks/registry.hpp"
#include "models/networks/spectral_mamba/network.hpp"
#include "spectile/error.hpp"
#include "support/patchwise.hpp"

namespace spectile::networks {
namespace {

ModelCard card_of(const std::string& parameters) {
    ModelCard card;
    card.file = "m/model.yaml";
    card.architecture = "spectral_mamba";
    card.parameters = parameters;
    return card;
}

Cube random_cube(const Window& window, int bands, unsigned seed) {
    Cube cube;
    cube.reset(window, bands);
    std::mt19937 engine(seed);
    std::normal_distribution<float> normal;
    for (auto& value : cube.values) value = normal(engine);
    for (auto& valid : cube.valid) valid = engine() % 5 != 0;
    return cube;
}

void serially(std::int64_t count, const std::function<void(std::int64_t)>& body) {
    for (std::int64_t i = 0; i < count; ++i) body(i);
}

Prediction predict(const Model& model, const Cube& cube) {
    Prediction out;
    model.start()->predict({&cube, 1}, {&out, 1}, serially);
    return out;
}

Cube cut(const Cube& cube, const Window& window) {
    Cube out;
    out.reset(window, cube.bands);
    for (std::int64_t row = 0; row < window.height; ++row)
        for (std::int64_t col = 0; col < window.width; ++col) {
            const auto from = static_cast<std::size_t>((window.y - cube.window.y + row) * cube.cols() +
                                                       window.x - cube.window.x + col);
            const auto to = static_cast<std::size_t>(row * window.width + col);
            out.valid[to] = cube.valid[from];
            for (int band = 0; band < cube.bands; ++band) out.band(band)[to] = cube.band(band)[from];
        }
    return out;
}

/// What is seen on the way is computed apart, unseen it is fused: nobody may tell by the result.
TEST(SpectralMambaNetwork, IsTheSameWhetherOneLooksOnOrNot) {
    for (const char* parameters :
         {R"({"bands": 20, "classes": 5, "piece_len": 4})",
          R"({"bands": 20, "classes": 5, "piece_len": 4, "gssm_padding": "halo"})",
          R"({"bands": 20, "classes": 5, "piece_len": 20, "patch_size": 1, "depth": 2})"}) {
        const auto config = entries::parse_spectral_mamba(parameters, "test");
        const auto x = at::randn({6, config.bands, config.window(), config.window()});
        std::vector<std::vector<at::Tensor>> results;
        for (const bool plain : {true, false})
            for (const bool look : {true, false}) {
                SpectralMamba network(config, 3);
                network.use_reference_scan(plain);
                const auto input = x.clone().set_requires_grad(true);
                const auto logits =
                    network.forward(input, look ? Observer([](const auto&, const auto&) {}) : Observer());
                (logits * logits).sum().backward();
                results.push_back({logits, input.grad()});
                for (auto& named : network.tensors()) results.back().push_back(named.tensor.grad());
            }
        for (std::size_t i = 1; i < results.size(); ++i)
            for (std::size_t k = 0; k < results[0].size(); ++k)
                EXPECT_LT((results[i][k] - results[0][k]).abs().max().item<float>(),
                          1e-4F * (1 + results[0][k].abs().max().item<float>()))
                    << parameters << ", run " << i << ", tensor " << k;
    }
}

class EveryVariant : public testing::TestWithParam<const char*> {};

TEST_P(EveryVariant, DenseRunnerEqualsThePatchNetworkOfTheSameSeed) {
    const auto config = entries::parse_spectral_mamba(GetParam(), "test");
    const auto cube = random_cube({0, 0, 19, 11}, config.bands, 3);
    const auto got =
        predict(*network_entry("spectral_mamba").load_random(card_of(GetParam()), 5, "cpu"), cube);
    SpectralMamba network(config, 5);
    const auto scene =
        at::from_blob(const_cast<float*>(cube.values.data()), {config.bands, 11, 19}, at::kFloat);
    const auto expected = at::softmax(test::patchwise_predict(network, scene, 7), 0);
    const auto ours = at::from_blob(const_cast<float*>(got.values.data()), expected.sizes(), at::kFloat);
    EXPECT_LE((ours - expected).abs().max().item<float>(), 1e-5F);
    EXPECT_EQ(got.window, grow(cube.window, -config.halo()));
}

TEST_P(EveryVariant, TilesGiveTheBytesOfTheWhole) {
    const auto config = entries::parse_spectral_mamba(GetParam(), "test");
    const int halo = config.halo();
    const auto cube = random_cube(grow({100, 50, 37, 21}, halo), config.bands, 4);
    const auto model = network_entry("spectral_mamba").load_random(card_of(GetParam()), 6, "cpu");
    const auto whole = predict(*model, cube);
    for (const Window core :
         {Window{100, 50, 16, 9}, Window{116, 59, 16, 12}, Window{132, 50, 5, 9}, Window{117, 61, 1, 1}}) {
        const auto part = predict(*model, cut(cube, grow(core, halo)));
        ASSERT_EQ(part.window, core);
        for (std::int64_t row = 0; row < core.height; ++row)
            for (std::int64_t col = 0; col < core.width; ++col) {
                const auto at = static_cast<std::size_t>((core.y - 50 + row) * 37 + core.x - 100 + col);
                const auto in_part = static_cast<std::size_t>(row * core.width + col);
                ASSERT_EQ(part.valid[in_part], whole.valid[at]);
                for (int c = 0; c < whole.channels; ++c)
                    ASSERT_EQ(part.channel(c)[in_part], whole.channel(c)[at]);
            }
    }
}

INSTANTIATE_TEST_SUITE_P(
    SpectralMamba, EveryVariant,
    testing::Values(R"({"bands": 20, "classes": 5})",
                    R"({"bands": 13, "classes": 3, "gssm_padding": "halo", "depth": 2})",
                    R"({"bands": 31, "classes": 17, "patch_size": 1, "piece_len": 4})",
                    R"({"bands": 7, "classes": 2, "patch_size": 5, "d_model": 6, "d_state": 5})"));

TEST(SpectralMamba, ProbabilitiesSumToOne) {
    const auto cube = random_cube({0, 0, 12, 5}, 20, 8);
    const auto got = predict(
        *network_entry("spectral_mamba").load_random(card_of(R"({"bands": 20, "classes": 5})"), 1, "auto"),
        cube);
    for (std::size_t pixel = 0; pixel < got.pixels(); ++pixel) {
        float sum = 0;
        for (int c = 0; c < 5; ++c) sum += got.channel(c)[pixel];
        EXPECT_NEAR(sum, 1, 1e-5);
    }
}

TEST(SpectralMamba, InitialValuesFollowFromTheSeedAndTheSpecification) {
    const std::string parameters = R"({"bands": 20, "classes": 5, "depth": 2})";
    const auto one = make_network("spectral_mamba", parameters, 9)->tensors();
    const auto same = make_network("spectral_mamba", parameters, 9)->tensors();
    const auto other = make_network("spectral_mamba", parameters, 10)->tensors();
    std::int64_t count = 0;
    for (std::size_t i = 0; i < one.size(); ++i) {
        const auto& name = one[i].name;
        const auto& tensor = one[i].tensor;
        EXPECT_TRUE(tensor.equal(same[i].tensor)) << name;
        const bool fixed = name.ends_with("norm.weight") || name.ends_with("norm.bias") ||
                           name.ends_with("A_log") || name.ends_with(".D");
        EXPECT_EQ(tensor.equal(other[i].tensor), fixed) << name;
        EXPECT_EQ(one[i].decay, name.ends_with(".weight") && !name.ends_with("norm.weight")) << name;
        EXPECT_TRUE(one[i].trainable);
        if (name.ends_with("dt_proj.bias")) {
            const auto step = tensor.detach().exp().log1p();
            EXPECT_GE(step.min().item<float>(), 0.99e-3F);
            EXPECT_LE(step.max().item<float>(), 1.01e-1F);
        }
        if (name.ends_with("A_log")) {
            EXPECT_NEAR(tensor[0][15].item<float>(), std::log(16.0), 1e-6);
        }
        if (name == "gssm.dw.weight") {
            EXPECT_LE(tensor.abs().max().item<float>(), 1.0F / 3);
        }
        count += tensor.numel();
    }
    EXPECT_EQ(static_cast<double>(count),
              entries::parse_spectral_mamba(parameters, "test").parameter_count());
}

TEST(SpectralMamba, NamesWhatCannotBeMade) {
    try {
        make_network("spectral_mamba", R"({"bands": 20, "classes": 5, "d_modle": 8})", 1);
        FAIL();
    } catch (const Error& e) {
        EXPECT_THAT(e.what(), testing::HasSubstr("parameters.d_modle: is unknown; did you mean 'd_model'?"));
    }
    EXPECT_THROW(make_network("torchscript", "{}", 1), Error);
}

}  // namespace
}  // namespace spectile::networks
