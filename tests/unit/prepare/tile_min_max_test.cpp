#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "prepare/chain.hpp"
#include "unit/prepare/scenes.hpp"

// min_max over the window that the network reads.
namespace spectile::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const StepDefinition kTile = definition("min_max", R"({"from": "tile"})");

std::vector<float> band_of(const Cube& cube, int band) {
    return {cube.band(band).begin(), cube.band(band).end()};
}

TEST(TileMinMax, StretchesEachBandByItsOwnExtremes) {
    const Cube out = apply_step(kTile, bands_at({500, 600}), cube_of({{10, 0}, {20, 5}, {30, 1}}));
    EXPECT_THAT(band_of(out, 0), ElementsAre(0, 0.5F, 1));
    EXPECT_THAT(band_of(out, 1), ElementsAre(0, 1, 0.2F));
}

TEST(TileMinMax, InvalidPixelsMoveNoExtreme) {
    Cube cube = cube_of({{10}, {20}, {30}, {65535}, {-1}});
    cube.valid = {1, 1, 1, 0, 0};
    const Cube out = apply_step(kTile, bands_at({500}), cube);
    EXPECT_THAT(std::vector<float>(out.values.begin(), out.values.begin() + 3), ElementsAre(0, 0.5F, 1));
    EXPECT_EQ(out.valid, cube.valid);
}

TEST(TileMinMax, APixelWithNanInOneBandMovesNoExtremeOfTheOthers) {
    const Cube out = apply_step(kTile, bands_at({500, 600}), cube_of({{0, 0}, {NAN, 100}, {10, 10}}));
    EXPECT_EQ(out.valid[1], 0);
    EXPECT_EQ(out.band(1)[2], 1) << "the 100 belongs to a pixel that is no measurement";
}

TEST(TileMinMax, AConstantBandBecomesTheRangesStart) {
    const Cube out = apply_step(kTile, bands_at({500}), cube_of({{7}, {7}}));
    EXPECT_THAT(out.values, ElementsAre(0, 0));
    const auto shifted = definition("min_max", R"({"from": "tile", "to": [-1, 1]})");
    EXPECT_THAT(apply_step(shifted, bands_at({500}), cube_of({{7}, {7}})).values, ElementsAre(-1, -1));
}

TEST(TileMinMax, ATileWithoutMeasurementStaysFinite) {
    Cube cube = random_cube({0, 0, 4, 4}, 2, 1);
    std::fill(cube.valid.begin(), cube.valid.end(), std::uint8_t{0});
    for (const float value : apply_step(kTile, bands_at({500, 600}), cube).values)
        EXPECT_TRUE(std::isfinite(value));
}

TEST(TileMinMax, EpsWidensTheRange) {
    const auto step = definition("min_max", R"({"from": "tile", "eps": 1})");
    EXPECT_THAT(apply_step(step, bands_at({500}), cube_of({{0}, {1}})).values, ElementsAre(0, 0.5F));
}

TEST(TileMinMax, RefusesWhatItWorksOutItself) {
    const auto refused = [](const char* parameters) {
        return error_of([&] { prepare::make_step(definition("min_max", parameters)); }).second;
    };
    EXPECT_THAT(refused(R"({"from": "tile", "min": 0})"), HasSubstr("from: tile works out min and max"));
    EXPECT_THAT(refused(R"({"from": "tile", "eps": -1})"), HasSubstr("eps"));
    EXPECT_THAT(refused(R"({"from": "tiles"})"), HasSubstr("from"));
}

class TileChain : public testing::Test {
protected:
    TileChain() {
        scene.name = "scene.tif";
        scene.bands = bands_at({500, 600});
        card.architecture = "spectral_gpt";
        for (const double wavelength : {500.0, 600.0}) card.bands.push_back({"", wavelength, {}});
    }
    prepare::Chain chain_of(const std::vector<StepDefinition>& steps) {
        card.prepare = steps;
        return prepare::make_chain(scene, {}, card);
    }
    SceneInfo scene;
    ModelCard card;
};

TEST_F(TileChain, SaysThatItDependsOnTheTile) {
    EXPECT_TRUE(chain_of({kTile}).depends_on_tile());
    EXPECT_FALSE(chain_of({definition("min_max", R"({"from": "scene"})")}).depends_on_tile());
    EXPECT_THAT(chain_of({kTile}).describe(), testing::Contains(HasSubstr("min and max of each tile")));
}

TEST_F(TileChain, FillsInvalidPixelsWithZeroAfterwards) {
    Cube cube = cube_of({{10, 1}, {20, 2}, {30, 3}});
    cube.valid[1] = 0;
    chain_of({kTile}).apply(cube);
    EXPECT_THAT(spectrum(cube, 1), ElementsAre(0, 0));
    EXPECT_THAT(spectrum(cube, 2), ElementsAre(1, 1));
}

TEST_F(TileChain, RefusesStatisticsOfTheSceneBehindIt) {
    const auto [code, message] = error_of([&] { chain_of({kTile, definition("percentile")}); });
    EXPECT_EQ(code, Code::definition);
    EXPECT_THAT(message, HasSubstr("percentile: statistics of the whole scene cannot follow"));
    EXPECT_TRUE(chain_of({definition("percentile"), kTile}).depends_on_tile());
}

}  // namespace
}  // namespace spectile::test
