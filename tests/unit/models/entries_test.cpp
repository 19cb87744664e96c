#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/spectral_mamba_cost.hpp"
#include "models/entries/registry.hpp"
#include "models/entries/spectral_mamba_config.hpp"
#include "models/entries/torchscript_config.hpp"
#include "spectile/error.hpp"
#include "support/card_refusal.hpp"

namespace spectile {
namespace {

using test::message_of;

using testing::HasSubstr;

ModelCard card_of(const std::string& architecture, const std::string& parameters) {
    ModelCard card;
    card.file = "m/model.yaml";
    card.architecture = architecture;
    card.parameters = parameters;
    return card;
}

std::string mamba_message(const std::string& parameters) {
    return message_of(card_of("spectral_mamba", parameters));
}
std::string script_message(const std::string& parameters) {
    return message_of(card_of("torchscript", parameters));
}

TEST(Registry, HoldsEveryArchitectureOnce) {
    std::vector<std::string> names;
    for (const auto& entry : model_entries()) names.push_back(entry.name);
    EXPECT_THAT(
        names, testing::ElementsAre("identity", "mim_istd", "spectral_gpt", "spectral_mamba", "torchscript"));
}

TEST(Registry, UnknownArchitecturesGetTheNameThatWasMeant) {
    EXPECT_THAT(message_of(card_of("spectral_mmaba", "{}")), HasSubstr("did you mean 'spectral_mamba'?"));
    EXPECT_THAT(message_of(card_of("xgboost", "{}")),
                HasSubstr("known: identity, mim_istd, spectral_gpt, spectral_mamba, torchscript"));
}

TEST(Identity, TakesHaloAndTileFromTheCard) {
    auto card = card_of("identity", "{}");
    EXPECT_EQ(traits_of(card).halo, 0);
    EXPECT_EQ(traits_of(card).channels, 0) << "as many as enter";
    EXPECT_FALSE(traits_of(card).has_weights);
    card.halo = 7;
    card.tile = 100;
    EXPECT_EQ(traits_of(card).halo, 7);
    EXPECT_EQ(traits_of(card).tile, 100);
    card.halo = -1;
    EXPECT_THAT(message_of(card), HasSubstr("halo: must be from 0"));
}

TEST(SpectralMambaEntry, TraitsFollowFromTheParameters) {
    const auto zero = traits_of(card_of("spectral_mamba", R"({"bands": 200, "classes": 16})"));
    EXPECT_EQ(zero.halo, 1);
    EXPECT_EQ(zero.channels, 16);
    EXPECT_TRUE(zero.local);
    EXPECT_EQ(
        traits_of(card_of("spectral_mamba", R"({"bands": 9, "classes": 2, "gssm_padding": "halo"})")).halo,
        2);
    EXPECT_EQ(traits_of(card_of("spectral_mamba", R"({"bands": 9, "classes": 2, "patch_size": 1})")).halo, 0);
}

TEST(SpectralMambaEntry, CostAndSizeAreThoseOfTheSpecification) {
    const auto config = [](const char* json) { return entries::parse_spectral_mamba(json, "test"); };
    const auto c200 = config(R"({"bands": 200, "classes": 16})");
    EXPECT_EQ(c200.parameter_count(), 53000);
    EXPECT_NEAR(c200.flops_per_pixel(), 1.565e6, 1e3);
    EXPECT_NEAR(c200.exps_per_pixel(), 43.1e3, 100);
    const auto halo = config(R"({"bands": 144, "classes": 15, "gssm_padding": "halo"})");
    EXPECT_NEAR(halo.flops_per_pixel(), 0.625e6, 1e3);
    EXPECT_NEAR(halo.exps_per_pixel(), 29.3e3, 100);
    const auto pixel = config(R"({"bands": 144, "classes": 15, "patch_size": 1})");
    EXPECT_EQ(pixel.parameter_count(), 10767);
    EXPECT_NEAR(pixel.flops_per_pixel(), 0.580e6, 1e3);
    EXPECT_NEAR(pixel.exps_per_pixel(), 29.2e3, 100);
}

// Entries may not include kernels, so the formula stands twice.
TEST(SpectralMambaEntry, CostAgreesWithTheKernels) {
    for (const char* json :
         {R"({"bands": 200, "classes": 16})", R"({"bands": 31, "classes": 3, "gssm_padding": "halo"})",
          R"({"bands": 20, "classes": 2, "patch_size": 5, "gssm_kernel": 5, "depth": 2})",
          R"({"bands": 9, "classes": 4, "patch_size": 1, "dt_rank": 3})"}) {
        const auto c = entries::parse_spectral_mamba(json, "test");
        kernels::SpectralMambaShape shape;
        shape.bands = c.bands;
        shape.classes = c.classes;
        shape.patch_size = c.patch_size;
        shape.gssm_kernel = c.gssm_kernel;
        shape.halo_padding = c.gssm_padding == "halo";
        shape.depth = c.depth;
        shape.dt_rank = c.dt_rank;
        EXPECT_EQ(c.flops_per_pixel(), kernels::cost_of_pixel(shape).flop) << json;
        EXPECT_EQ(c.exps_per_pixel(), kernels::cost_of_pixel(shape).exponentials) << json;
    }
}

TEST(SpectralMambaEntry, RefusesWhatCannotBe) {
    EXPECT_THAT(mamba_message(R"({"bands": 5, "classes": 2, "patchsize": 3})"),
                HasSubstr("parameters.patchsize: is unknown; did you mean 'patch_size'?"));
    EXPECT_THAT(mamba_message(R"({"classes": 2})"), HasSubstr("parameters.bands: is missing"));
    EXPECT_THAT(mamba_message(R"({"bands": 0, "classes": 2})"),
                HasSubstr("parameters.bands: must be a whole number from 1"));
    EXPECT_THAT(mamba_message(R"({"bands": 5.5, "classes": 2})"), HasSubstr("not 5.5"));
    EXPECT_THAT(mamba_message(R"({"bands": 18446744073709551615, "classes": 2})"),
                HasSubstr("must be a whole number"));
    EXPECT_THAT(mamba_message(R"({"bands": 5, "classes": 2, "patch_size": 4})"),
                HasSubstr("patch_size: must be odd"));
    EXPECT_THAT(mamba_message(R"({"bands": 5, "classes": 2, "gssm_kernel": 2})"),
                HasSubstr("gssm_kernel: must be odd"));
    EXPECT_THAT(mamba_message(R"({"bands": 5, "classes": 2, "gssm_padding": "same"})"),
                HasSubstr("one of zero, halo"));
    EXPECT_THAT(mamba_message(R"({"bands": 5, "classes": 2, "ln_eps": 0})"),
                HasSubstr("ln_eps: must be a positive"));
    EXPECT_THAT(mamba_message("[1]"), HasSubstr("parameters: is not a mapping"));
}

TEST(SpectralMambaEntry, CardAndParametersMustAgree) {
    auto card = card_of("spectral_mamba", R"({"bands": 5, "classes": 2})");
    card.bands.resize(4);
    EXPECT_THAT(message_of(card), HasSubstr("parameters.bands: is 5, but the card lists 4 bands"));
    card.bands.resize(5);
    card.classes.resize(3);
    EXPECT_THAT(message_of(card), HasSubstr("parameters.classes: is 2, but the card lists 3 classes"));
    card.parameters = "{}";
    EXPECT_EQ(traits_of(card).channels, 3) << "left out, they follow from the card's lists";
    card.halo = 2;
    EXPECT_THAT(message_of(card), HasSubstr("halo: follows from"));
}

TEST(SpectralMambaEntry, StoredConfigurationReadsBack) {
    const auto config = entries::parse_spectral_mamba(
        R"({"bands": 31, "classes": 6, "d_model": 24, "gssm_padding": "halo", "ln_eps": 1e-6})", "test");
    EXPECT_EQ(entries::parse_spectral_mamba(entries::to_json(config), "test"), config);
}

TEST(TorchscriptEntry, DeclaresItsGeometry) {
    const auto traits = traits_of(card_of(
        "torchscript",
        R"({"channels": 3, "input": [4, 96, 96], "halo": 16, "local": false, "activation": "softmax"})"));
    EXPECT_EQ(traits.channels, 3);
    EXPECT_EQ(traits.tile, 64);
    EXPECT_TRUE(traits.fixed_tile);
    EXPECT_EQ(traits.blend, Blend::feather);
    EXPECT_EQ(traits_of(card_of("torchscript", R"({"channels": 1, "local": true})")).blend, Blend::none);
}

TEST(TorchscriptEntry, RefusesWhatCannotBe) {
    EXPECT_THAT(script_message("{}"), HasSubstr("parameters.channels: is missing"));
    EXPECT_THAT(script_message(R"({"channels": 1, "input": [4, 96]})"), HasSubstr("list of 3 whole numbers"));
    EXPECT_THAT(script_message(R"({"channels": 1, "input": [4, 96, 80], "halo": 8})"),
                HasSubstr("tile + 2*halo = 96"));
    EXPECT_THAT(script_message(R"({"channels": 1, "halo": 4, "crop": 5})"), HasSubstr("crop: must be"));
    EXPECT_THAT(script_message(R"({"channels": 1, "input": [4, 8, 8], "halo": 4})"),
                HasSubstr("not larger than two halos"));
    EXPECT_THAT(script_message(R"({"channels": 1, "input": [4, 8, 8], "fixed_tile": false})"),
                HasSubstr("must be true"));
    EXPECT_THAT(script_message(R"({"channels": 1, "activation": "relu"})"),
                HasSubstr("none, softmax, sigmoid"));
}

}  // namespace
}  // namespace spectile
