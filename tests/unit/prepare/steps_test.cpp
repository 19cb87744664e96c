#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "unit/prepare/scenes.hpp"

// Values worked out by hand.
namespace spectile::test {
namespace {

using testing::ElementsAre;
using testing::FloatEq;
using testing::FloatNear;

std::vector<float> through(const StepDefinition& step, const std::vector<BandInfo>& bands,
                           const std::vector<float>& values) {
    return spectrum(apply_step(step, bands, cube_of({values})));
}

TEST(Scale, MultipliesThenAdds) {
    EXPECT_THAT(through(definition("scale", R"({"factor": [2, 4], "offset": 1})"), bands_at({1, 2}), {3, 5}),
                ElementsAre(7, 21));
}

TEST(Physical, UsesTheScenesScaleOnceOnly) {
    auto bands = bands_at({1, 2});
    bands[0].scale = 0.0001;
    bands[1].scale = 0.5;
    bands[1].offset = -1;
    const auto step = prepare::make_step(definition("physical"));
    const auto leaving = step->bind(bands);
    Cube cube = cube_of({{2134, 4}});
    step->apply(cube);
    EXPECT_THAT(spectrum(cube), ElementsAre(0.2134F, 1.0F));
    const auto again = prepare::make_step(definition("physical"));
    again->bind(leaving);
    again->apply(cube);
    EXPECT_THAT(spectrum(cube), ElementsAre(0.2134F, 1.0F));
}

TEST(DropBad, LeavesOutMarkedBands) {
    auto bands = bands_at({1, 2, 3});
    bands[1].bad = true;
    EXPECT_THAT(through(definition("drop_bad"), bands, {10, 20, 30}), ElementsAre(10, 30));
}

TEST(Select, TakesRangesAndNumbersInTheOrderGiven) {
    const auto bands = bands_at({1, 2, 3, 4, 5});
    EXPECT_THAT(through(definition("select", R"({"bands": "3-5, 1"})"), bands, {10, 20, 30, 40, 50}),
                ElementsAre(30, 40, 50, 10));
    EXPECT_THAT(through(definition("select", R"({"bands": [2, "4-5"]})"), bands, {10, 20, 30, 40, 50}),
                ElementsAre(20, 40, 50));
    EXPECT_THAT(through(definition("select", R"({"bands": 2})"), bands, {10, 20, 30, 40, 50}),
                ElementsAre(20));
}

TEST(Select, CountsBandsAsTheSceneDoes) {
    auto bands = bands_at({1, 2, 3});
    bands[0].number = 7;
    bands[1].number = 9;
    bands[2].number = 8;
    EXPECT_THAT(through(definition("select", R"({"bands": "8-9"})"), bands, {10, 20, 30}),
                ElementsAre(30, 20));
}

TEST(Select, FindsNamesAndWavelengths) {
    auto bands = bands_at({490, 560, 665});
    bands[0].name = "blue";
    bands[2].name = "red";
    EXPECT_THAT(through(definition("select", R"({"names": ["red", "blue"]})"), bands, {1, 2, 3}),
                ElementsAre(3, 1));
    EXPECT_THAT(through(definition("select", R"({"wavelengths": [664, 561]})"), bands, {1, 2, 3}),
                ElementsAre(3, 2));
}

TEST(Resample, InterpolatesBetweenNeighbours) {
    EXPECT_THAT(
        through(definition("resample", R"({"to": [500, 505, 518]})"), bands_at({500, 510, 520}), {1, 3, 13}),
        ElementsAre(1, 2, FloatEq(11)));
}

TEST(Resample, WeighsBandsByAGaussianOfTheTargetsWidth) {
    // At distance 10 with FWHM 20 the Gaussian is 1/2, at 20 it is 1/16, at 30 1/512, at 40 1/65536. Spectral
    // widths: 10.
    const auto values = through(definition("resample", R"({"to": [550], "method": "gaussian", "fwhm": 20})"),
                                bands_at({530, 540, 550, 560, 570}), {0, 0, 1, 1, 0});
    EXPECT_THAT(values, ElementsAre(FloatNear(1.5F / 2.125F, 1e-6F)));
}

TEST(Resample, OfAFlatSpectrumIsFlat) {
    const auto values =
        through(definition("resample", R"({"to": [505, 523, 548], "method": "gaussian", "fwhm": 13})"),
                bands_at({500, 503, 520, 524, 560}), {0.3F, 0.3F, 0.3F, 0.3F, 0.3F});
    EXPECT_THAT(values, testing::Each(FloatNear(0.3F, 1e-7F)));
}

TEST(Clip, LimitsBothSides) {
    EXPECT_THAT(
        through(definition("clip", R"({"min": 0, "max": [1, 2, 3]})"), bands_at({1, 2, 3}), {-1, 1.5F, 9}),
        ElementsAre(0, 1.5F, 3));
    EXPECT_THAT(through(definition("clip", R"({"max": 1})"), bands_at({1, 2}), {-5, 5}), ElementsAre(-5, 1));
}

TEST(Standardise, SubtractsAndDividesAndTakesZeroAsOne) {
    EXPECT_THAT(
        through(definition("standardise", R"({"mean": [1, 2], "std": [2, 0]})"), bands_at({1, 2}), {5, 5}),
        ElementsAre(2, 3));
}

TEST(Standardise, FromSceneUsesValidPixelsOnly) {
    Cube cube = cube_of({{1}, {3}, {100}});
    cube.valid[2] = 0;
    const Cube out = apply_step(definition("standardise", R"({"from": "scene"})"), bands_at({1}), cube);
    EXPECT_EQ(out.values[0], -1);
    EXPECT_EQ(out.values[1], 1);
}

TEST(MinMax, MapsTheRangeLinearly) {
    EXPECT_THAT(through(definition("min_max", R"({"min": 10, "max": 20, "to": [-1, 1]})"),
                        bands_at({1, 2, 3}), {10, 15, 25}),
                ElementsAre(-1, 0, 2));
}

TEST(MinMax, FromSceneGivesAConstantBandTheStart) {
    const Cube out = apply_step(definition("min_max", R"({"from": "scene"})"), bands_at({1, 2}),
                                cube_of({{2, 7}, {6, 7}, {4, 7}}));
    EXPECT_THAT(out.values, ElementsAre(0, 1, 0.5F, 0, 0, 0));
}

TEST(AppendMean, AddsTheMeanAfterTheLastBand) {
    EXPECT_THAT(through(definition("append_mean", R"({"times": 2})"), bands_at({1, 2, 3}), {1, 2, 6}),
                ElementsAre(1, 2, 6, 3, 3));
}

TEST(Percentile, ClipsAndStretches) {
    std::vector<std::vector<float>> pixels;
    for (int i = 0; i <= 1000; ++i) pixels.push_back({static_cast<float>(i)});
    const Cube out =
        apply_step(definition("percentile", R"({"low": 10, "high": 90})"), bands_at({1}), cube_of(pixels));
    EXPECT_EQ(out.values[0], 0);
    EXPECT_FLOAT_EQ(out.values[1000], 1);
    EXPECT_NEAR(out.values[500], 0.5, 0.001);
    EXPECT_NEAR(out.values[300], 0.25, 0.001);
}

TEST(Whiten, ProjectsOnStoredComponents) {
    const auto step =
        definition("whiten", R"({"mean": [1, 2], "components": [[1, 1], [1, -1]], "scale": [2, 4]})");
    EXPECT_THAT(through(step, bands_at({1, 2}), {4, 3}), ElementsAre(2, 0.5F));
}

TEST(Whiten, ReadsComponentsFromAFileBesideTheDefinition) {
    const auto folder = std::filesystem::path(testing::TempDir()) / "spectile_whiten";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "pca.json") << R"({"mean": [1, 2], "components": [[1, 1], [1, -1]]})";
    auto step = definition("whiten", R"({"file": "pca.json", "keep": 1})");
    step.base = folder.string();
    EXPECT_THAT(through(step, bands_at({1, 2}), {4, 3}), ElementsAre(4));
    std::filesystem::remove_all(folder);
}

TEST(Normalise, DividesByLengthMeanOrLargest) {
    const auto bands = bands_at({1, 2});
    EXPECT_THAT(through(definition("normalise"), bands, {3, 4}), ElementsAre(0.6F, 0.8F));
    EXPECT_THAT(through(definition("normalise", R"({"by": "mean"})"), bands, {1, 3}),
                ElementsAre(0.5F, 1.5F));
    EXPECT_THAT(through(definition("normalise", R"({"by": "max"})"), bands, {-4, 2}), ElementsAre(-1, 0.5F));
    EXPECT_THAT(through(definition("normalise"), bands, {0, 0}), ElementsAre(0, 0));
}

TEST(Derivative, DividesDifferencesByTheWavelengthDistance) {
    const auto bands = bands_at({500, 510, 530});
    EXPECT_THAT(through(definition("derivative"), bands, {1, 2, 8}),
                ElementsAre(FloatNear(0.1F, 1e-6F), FloatNear(0.3F, 1e-6F)));
    EXPECT_THAT(through(definition("derivative", R"({"keep_bands": true})"), bands, {1, 2, 8}),
                ElementsAre(FloatNear(0.1F, 1e-6F), FloatNear(7.0F / 30, 1e-6F), FloatNear(0.3F, 1e-6F)));
    // Slopes 0.1 at 505 nm and 0.3 at 520 nm, 15 nm apart.
    EXPECT_THAT(through(definition("derivative", R"({"order": 2})"), bands, {1, 2, 8}),
                ElementsAre(FloatNear(0.2F / 15, 1e-6F)));
}

TEST(Smooth, AveragesWithWindowsThatShrinkAtTheEnds) {
    EXPECT_THAT(through(definition("smooth", R"({"method": "mean", "window": 3})"), bands_at({1, 2, 3, 4}),
                        {1, 4, 7, 1}),
                ElementsAre(1, FloatEq(4), FloatEq(4), 1));
}

TEST(Smooth, SavitzkyGolayKeepsAParabolaAndHasTheKnownWeights) {
    const auto bands = bands_at({1, 2, 3, 4, 5, 6, 7});
    const auto parabola = through(definition("smooth"), bands, {0, 1, 4, 9, 16, 25, 36});
    for (int i = 0; i < 7; ++i) EXPECT_NEAR(parabola[static_cast<std::size_t>(i)], i * i, 1e-4);
    // Table 1 of the 1964 paper, five points, quadratic: (-3, 12, 17, 12, -3) / 35.
    const auto impulse = through(definition("smooth"), bands, {0, 0, 0, 1, 0, 0, 0});
    EXPECT_NEAR(impulse[3], 17.0 / 35, 1e-6);
    EXPECT_NEAR(impulse[4], 12.0 / 35, 1e-6);
    EXPECT_NEAR(impulse[2], 12.0 / 35, 1e-6);
}

TEST(Fill, ReplacesInvalidPixelsAndMasksNan) {
    Cube cube = cube_of({{1, 2}, {3, NAN}, {5, 6}});
    cube.valid[2] = 0;
    const Cube out = apply_step(definition("fill", R"({"value": -1})"), bands_at({1, 2}), cube);
    EXPECT_THAT(out.valid, ElementsAre(1, 0, 0));
    EXPECT_THAT(out.values, ElementsAre(1, -1, -1, 2, -1, -1));
}

}  // namespace
}  // namespace spectile::test
