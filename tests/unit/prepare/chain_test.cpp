#include "prepare/chain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <numeric>

#include "unit/prepare/scenes.hpp"

namespace spectile::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

SceneInfo scene_at(const std::vector<double>& wavelengths, double scale = 1) {
    SceneInfo scene;
    scene.name = "scene.hdr";
    scene.bands = bands_at(wavelengths);
    for (auto& band : scene.bands) band.scale = scale;
    return scene;
}

ModelCard card_at(const std::vector<double>& wavelengths, const std::vector<StepDefinition>& prepare = {}) {
    ModelCard card;
    card.name = "fields";
    card.architecture = "spectral_mamba";
    for (const double wavelength : wavelengths) card.bands.push_back({"", wavelength, {}});
    card.prepare = prepare;
    return card;
}

ModelCard identity() {
    ModelCard card;
    card.architecture = "identity";
    return card;
}

/// What the reader gives: the chain's bands of a cube of the whole scene.
Cube read(const prepare::Chain& chain, const Cube& scene) {
    Cube cube;
    cube.reset(scene.window, static_cast<int>(chain.source_bands().size()));
    cube.valid = scene.valid;
    for (int band = 0; band < cube.bands; ++band)
        std::ranges::copy(scene.band(chain.source_bands()[static_cast<std::size_t>(band)]),
                          cube.band(band).begin());
    return cube;
}

Cube prepared(const prepare::Chain& chain, const Cube& scene) {
    Cube cube = read(chain, scene);
    chain.apply(cube);
    return cube;
}

TEST(Chain, ReadsMatchedBandsInTheModelsOrderAndStandardises) {
    const auto card = card_at({560, 490}, {definition("standardise", R"({"mean": [0.2, 0.1], "std": 0.1})")});
    const auto chain = prepare::make_chain(scene_at({490, 520, 560}, 0.0001), {}, card);
    EXPECT_THAT(chain.source_bands(), ElementsAre(2, 0));
    const Cube out = prepared(chain, cube_of({{1000, 7, 4000}}));
    EXPECT_FLOAT_EQ(out.values[0], 2);
    EXPECT_FLOAT_EQ(out.values[1], 0);
    EXPECT_EQ(chain.bands().size(), 2U);
    EXPECT_EQ(chain.bands()[0].number, 3);
}

TEST(Chain, ConvertsToPhysicalUnitsOnceEvenIfAskedAgain) {
    const auto chain = prepare::make_chain(scene_at({490}, 0.0001), {definition("physical")},
                                           card_at({490}, {definition("physical")}));
    EXPECT_FLOAT_EQ(prepared(chain, cube_of({{2134}})).values[0], 0.2134F);
}

TEST(Chain, IdentityTakesAllBandsRaw) {
    auto scene = scene_at({900, 490, 560}, 0.0001);
    scene.bands[1].bad = true;
    const auto chain = prepare::make_chain(scene, {}, identity());
    EXPECT_THAT(chain.source_bands(), ElementsAre(0, 1, 2));
    Cube raw = random_cube({0, 0, 9, 7}, 3, 1);
    raw.values[5] = -0.0F;
    const Cube out = prepared(chain, raw);
    EXPECT_EQ(std::memcmp(out.values.data(), raw.values.data(), raw.values.size() * sizeof(float)), 0);
    EXPECT_EQ(out.valid, raw.valid);
}

TEST(Chain, WithoutListedBandsTakesTheUsableOnesInFileOrder) {
    auto scene = scene_at({900, 490, 560}, 2);
    scene.bands[1].bad = true;
    auto card = card_at({});
    const auto chain = prepare::make_chain(scene, {}, card);
    EXPECT_THAT(chain.source_bands(), ElementsAre(0, 2));
    EXPECT_THAT(spectrum(prepared(chain, cube_of({{1, 2, 3}}))), ElementsAre(2, 6));
}

TEST(Chain, FillsInvalidPixelsAndMasksNan) {
    const auto card = card_at({490}, {definition("standardise", R"({"mean": 5, "std": 1})")});
    const auto chain = prepare::make_chain(scene_at({490}), {}, card);
    Cube scene = cube_of({{1}, {2}, {NAN}, {7}});
    scene.valid[1] = 0;
    const Cube out = prepared(chain, scene);
    EXPECT_THAT(out.valid, ElementsAre(1, 0, 0, 1));
    EXPECT_THAT(out.values, ElementsAre(-4, 0, 0, 2));
    auto own = card;
    own.prepare.push_back(definition("fill", R"({"value": -9})"));
    EXPECT_THAT(prepared(prepare::make_chain(scene_at({490}), {}, own), scene).values,
                ElementsAre(-4, -9, -9, 2));
}

TEST(Chain, StepsOverSpectraSeeAllUsableBandsBeforeMatching) {
    auto scene = scene_at({560, 490, 525, 600});
    scene.bands[3].bad = true;
    const auto chain =
        prepare::make_chain(scene, {definition("normalise", R"({"by": "max"})")}, card_at({560}));
    EXPECT_THAT(chain.source_bands(), ElementsAre(1, 2, 0));
    EXPECT_THAT(spectrum(prepared(chain, cube_of({{2, 8, 4, 100}}))), ElementsAre(0.25F));
}

TEST(Chain, LeadingSelectionsNarrowWhatIsRead) {
    const auto chain = prepare::make_chain(scene_at({1, 2, 3, 4}),
                                           {definition("select", R"({"bands": "4, 2"})")}, identity());
    EXPECT_THAT(chain.source_bands(), ElementsAre(3, 1));
    EXPECT_THAT(spectrum(prepared(chain, cube_of({{10, 20, 30, 40}}))), ElementsAre(40, 20));
}

TEST(Chain, SelectThenMatchReadsTheMatchedOnly) {
    const auto chain = prepare::make_chain(scene_at({600, 500, 550}),
                                           {definition("select", R"({"bands": [1, 3]})")}, card_at({550}));
    EXPECT_THAT(chain.source_bands(), ElementsAre(2));
    EXPECT_THAT(spectrum(prepared(chain, cube_of({{1, 2, 3}}))), ElementsAre(3));
}

TEST(Chain, ResamplesFromTheBandsItNeeds) {
    auto card = card_at({505, 520}, {definition("scale", R"({"factor": 10})")});
    card.matching.resample = "linear";
    const auto chain = prepare::make_chain(scene_at({700, 520, 500, 510}), {}, card);
    EXPECT_THAT(chain.source_bands(), ElementsAre(2, 3, 1));
    EXPECT_THAT(spectrum(prepared(chain, cube_of({{9, 5, 1, 2}}))), ElementsAre(15, 50));
    EXPECT_EQ(chain.widest(), 3);
}

TEST(Chain, APermutedFileGivesTheSameBytes) {
    const std::vector<double> wavelengths = {430, 450, 470, 490, 510, 530, 550, 570};
    const std::vector<int> permutation = {5, 2, 7, 0, 3, 6, 1, 4};
    const Cube scene = random_cube({0, 0, 33, 21}, 8, 4);
    Cube permuted_scene = scene;
    std::vector<double> permuted;
    for (int band = 0; band < 8; ++band) {
        const int from = permutation[static_cast<std::size_t>(band)];
        permuted.push_back(wavelengths[static_cast<std::size_t>(from)]);
        std::ranges::copy(scene.band(from), permuted_scene.band(band).begin());
    }
    for (const char* resample : {"none", "linear"}) {
        auto card = card_at({451, 512, 549}, {definition("standardise", R"({"mean": 0.4, "std": 0.3})")});
        card.matching.resample = resample;
        for (const auto& steps :
             {std::vector<StepDefinition>{}, {definition("normalise")}, {definition("smooth")}}) {
            const Cube a = prepared(prepare::make_chain(scene_at(wavelengths), steps, card), scene);
            const Cube b = prepared(prepare::make_chain(scene_at(permuted), steps, card), permuted_scene);
            EXPECT_EQ(std::memcmp(a.values.data(), b.values.data(), a.values.size() * sizeof(float)), 0);
        }
    }
}

TEST(Chain, AnyWindowGivesTheSameBytes) {
    const auto card = card_at({500, 520}, {definition("clip", R"({"min": 0.1})"),
                                           definition("standardise", R"({"from": "scene"})")});
    auto chain = prepare::make_chain(scene_at({500, 510, 520}),
                                     {definition("derivative", R"({"keep_bands": true})")}, card);
    const Cube scene = random_cube({0, 0, 50, 37}, 3, 8);
    const auto n = chain.next_statistics_step();
    ASSERT_TRUE(n.has_value());
    Cube sample = read(chain, scene);
    chain.apply_prefix(sample, *n);
    chain.set_statistics(*n, statistics_of(sample));
    const Cube whole = prepared(chain, scene);
    for (std::int64_t y = 0; y < 37; y += 9)
        for (std::int64_t x = 0; x < 50; x += 13) {
            const Window window = intersect({x, y, 13, 9}, scene.window);
            const Cube part = prepared(chain, cut(scene, window));
            const Cube expected = cut(whole, window);
            ASSERT_EQ(
                std::memcmp(part.values.data(), expected.values.data(), part.values.size() * sizeof(float)),
                0);
            ASSERT_EQ(part.valid, expected.valid);
        }
}

TEST(Chain, WaitsForStatisticsInOrderOfTheSteps) {
    const auto card =
        card_at({500}, {definition("standardise", R"({"from": "scene"})"), definition("percentile")});
    auto chain = prepare::make_chain(scene_at({500}, 0.5), {}, card);
    const std::string recipe = chain.recipe();
    Cube scene = cube_of({{2}, {6}, {4}});
    const auto [code, message] = error_of([&] { prepared(chain, scene); });
    EXPECT_EQ(message, "preparation: statistics of the whole scene are missing");

    const auto first = chain.next_statistics_step();
    ASSERT_EQ(first, std::optional<std::size_t>(1));
    EXPECT_EQ(chain.step(*first).needs(), Needs::moments);
    Cube cube = read(chain, scene);
    chain.apply_prefix(cube, *first);
    EXPECT_THAT(cube.values, ElementsAre(1, 3, 2));
    chain.set_statistics(*first, statistics_of(cube));

    const auto second = chain.next_statistics_step();
    ASSERT_EQ(second, std::optional<std::size_t>(2));
    EXPECT_EQ(chain.step(*second).needs(), Needs::histogram);
    cube = read(chain, scene);
    chain.apply_prefix(cube, *second);
    chain.set_statistics(*second, statistics_of(cube));
    EXPECT_FALSE(chain.next_statistics_step().has_value());
    EXPECT_NEAR(prepared(chain, scene).values[2], 0.5, 0.02);
    EXPECT_EQ(chain.recipe(), recipe);
}

TEST(Chain, SaysWhatItDoes) {
    auto card = card_at({560, 490}, {definition("standardise", R"({"mean": [0.2, 0.1], "std": 0.1})")});
    card.bands[0].name = "green";
    const auto chain = prepare::make_chain(scene_at({490.5, 520, 560}, 0.0001), {}, card);
    EXPECT_THAT(chain.describe(),
                ElementsAre("read: 2 of 3 bands, matched by wavelength", "physical: scale 0.0001, offset 0",
                            "standardise: mean 0.2, 0.1, std 0.1", "fill: 0 in invalid pixels"));
    EXPECT_THAT(
        chain.band_table(),
        ElementsAre(
            "green, 560 nm <- band 3, 560 nm (0.00 nm off); scale 0.0001, offset 0; mean 0.2, std 0.1",
            "band 2, 490 nm <- band 1, 490.5 nm (0.50 nm off); scale 0.0001, offset 0; mean 0.1, std 0.1"));
}

TEST(Chain, RecipeChangesWithEveryNumber) {
    const auto recipe = [](double scale, const std::string& parameters,
                           const std::vector<double>& wavelengths) {
        return prepare::make_chain(scene_at({490, 560}, scale), {definition("clip", parameters)},
                                   card_at(wavelengths))
            .recipe();
    };
    const auto base = recipe(1, R"({"max": 1})", {490});
    EXPECT_EQ(base, recipe(1, R"({ "max":1 })", {490}));
    EXPECT_NE(base, recipe(2, R"({"max": 1})", {490}));
    EXPECT_NE(base, recipe(1, R"({"max": 1.5})", {490}));
    EXPECT_NE(base, recipe(1, R"({"max": 1})", {560}));
}

TEST(Chain, RefusesStepsThatDoNotFitTheBands) {
    const auto [code, message] = error_of([] {
        prepare::make_chain(
            scene_at({490, 560}), {},
            card_at({490, 560}, {definition("standardise", R"({"mean": [1, 2, 3], "std": 1})")}));
    });
    EXPECT_EQ(code, Code::definition);
    EXPECT_EQ(message,
              "my.yaml:7: standardise: mean has 3 values but 2 bands enter the step; give one value or 2");
}

TEST(Chain, RefusesASceneOfBadBandsOnly) {
    auto scene = scene_at({490});
    scene.bands[0].bad = true;
    const auto [code, message] = error_of([&] { prepare::make_chain(scene, {}, card_at({})); });
    EXPECT_EQ(code, Code::scene);
    EXPECT_EQ(message, "scene.hdr: no usable band; every band is marked bad");
}

}  // namespace
}  // namespace spectile::test
