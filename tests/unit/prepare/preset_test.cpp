#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "prepare/chain.hpp"
#include "prepare/presets.hpp"
#include "prepare/sentinel2_names.hpp"
#include "support/golden_file.hpp"
#include "unit/prepare/scenes.hpp"

// Published recipes under one name.
namespace spectile::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<std::string> kThirteen = {"B1", "B2",  "B3", "B4",  "B5",  "B6", "B7",
                                            "B8", "B8A", "B9", "B10", "B11", "B12"};

std::vector<std::string> twelve() {
    auto names = kThirteen;
    names.erase(names.begin() + 10);
    return names;
}

SceneInfo scene_of(const std::vector<std::string>& names) {
    SceneInfo scene;
    scene.name = "scene.tif";
    for (const auto& name : names) scene.bands.emplace_back().name = name;
    return scene;
}

ModelCard any_bands(const std::string& preset) {
    ModelCard card;
    card.architecture = "spectral_gpt";
    card.prepare = {definition("preset", R"({"name": ")" + preset + R"("})")};
    return card;
}

Cube prepared(const SceneInfo& scene, const ModelCard& card, const Cube& raw) {
    const auto chain = prepare::make_chain(scene, {}, card);
    Cube cube;
    cube.reset(raw.window, static_cast<int>(chain.source_bands().size()));
    cube.valid = raw.valid;
    for (int band = 0; band < cube.bands; ++band)
        std::ranges::copy(raw.band(chain.source_bands()[static_cast<std::size_t>(band)]),
                          cube.band(band).begin());
    chain.apply(cube);
    return cube;
}

struct Published {
    const char *preset, *raw, *out;
};
void PrintTo(const Published& published, std::ostream* out) { *out << published.preset; }

class PublishedPreset : public testing::TestWithParam<Published> {};

TEST_P(PublishedPreset, GivesWhatThePublishedLoaderGives) {
    if (golden_absent()) GTEST_SKIP() << golden_root() << " is not there; set SPECTILE_GOLDEN";
    const auto file = read_golden(golden_root() / "spectralgpt" / "preprocess_small.safetensors");
    const auto& raw = file.at(std::string("input.") + GetParam().raw);
    Cube cube;
    cube.reset({0, 0, raw.dim(2), raw.dim(1)}, static_cast<int>(raw.dim(0)));
    for (std::size_t i = 0; i < cube.values.size(); ++i) cube.values[i] = static_cast<float>(raw.integers[i]);
    std::fill(cube.valid.begin(), cube.valid.end(), std::uint8_t{1});
    const SceneInfo scene = scene_of(std::vector<std::string>(static_cast<std::size_t>(cube.bands)));
    const Cube out = prepared(scene, any_bands(GetParam().preset), cube);
    const auto& expected = file.at(std::string("out.") + GetParam().out).values;
    ASSERT_EQ(out.values.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(out.values[i], expected[i], 1e-6) << i;
}

INSTANTIATE_TEST_SUITE_P(Every, PublishedPreset,
                         testing::Values(Published{"fmow", "raw13", "fmow_minmax"},
                                         Published{"ben_pretrain", "raw12", "ben_pretrain_minmax"},
                                         Published{"ben_finetune", "raw12", "ben_finetune"},
                                         Published{"eurosat_official", "raw13", "eurosat_official"},
                                         Published{"segmunich", "raw10", "segmunich_train"},
                                         Published{"oscd", "raw12", "oscd"}),
                         [](const auto& info) { return std::string(info.param.preset); });

TEST(Preset, BandsInAnyOrderGetTheNumbersOfTheirNames) {
    // EuroSAT's own order, in the names of Sentinel-2's files.
    const std::vector<std::string> shuffled = {"B01", "B02", "B03", "B04", "B05", "B06", "B07",
                                               "B08", "B09", "B10", "B11", "B12", "B8a"};
    const Cube raw = random_cube({0, 0, 5, 4}, 13, 3);
    const Cube by_name = prepared(scene_of(shuffled), any_bands("eurosat"), raw);
    ASSERT_EQ(by_name.bands, 12);
    Cube sorted = raw;  // B1 ... B8, B8A, B9, B10, B11, B12
    const int places[] = {0, 1, 2, 3, 4, 5, 6, 7, 12, 8, 9, 10, 11};
    for (int band = 0; band < 13; ++band)
        std::ranges::copy(raw.band(places[band]), sorted.band(band).begin());
    EXPECT_EQ(by_name.values, prepared(scene_of(kThirteen), any_bands("eurosat"), sorted).values);
    EXPECT_NE(by_name.values, prepared(scene_of(shuffled), any_bands("eurosat_official"), raw).values);
}

TEST(Preset, GoesByTheModelsNamesWhereTheSceneHasOthers) {
    auto card = any_bands("ben_finetune");
    auto scene = scene_of(std::vector<std::string>(12, "reflectance"));
    for (int i = 0; i < 12; ++i) {
        scene.bands[static_cast<std::size_t>(i)].wavelength_nm = 400 + 50 * i;
        card.bands.push_back({twelve()[static_cast<std::size_t>(i)], 400.0 + 50 * i, {}});
    }
    EXPECT_EQ(prepare::make_chain(scene, {}, card).bands().size(), 12u);
    card.bands[3].name = "red";
    EXPECT_THAT(error_of([&] { prepare::make_chain(scene, {}, card); }).second,
                HasSubstr("no band that enters is called B4"));
}

TEST(Preset, OfTwoDatesEachHasItsNumbers) {
    auto names = twelve();
    names.insert(names.end(), names.begin(), names.begin() + 12);
    Cube raw = random_cube({0, 0, 3, 3}, 24, 9);
    for (float& value : raw.values) value *= 4000;
    Cube first = raw;
    first.bands = 12;
    first.values.resize(12 * first.pixels());
    const Cube both = prepared(scene_of(names), any_bands("ben_finetune"), raw);
    const Cube one = prepared(scene_of(twelve()), any_bands("ben_finetune"), first);
    ASSERT_EQ(both.bands, 24);
    EXPECT_TRUE(std::equal(one.values.begin(), one.values.end(), both.values.begin()));
    EXPECT_THAT(error_of([&] { prepare::make_chain(scene_of(names), {}, any_bands("segmunich")); }).second,
                HasSubstr("it is for one date"));
}

TEST(Preset, StandsAtTheFrontOfAPipelineToo) {
    ModelCard card;
    card.architecture = "spectral_gpt";
    const auto preset = definition("preset", R"({"name": "eurosat"})");
    EXPECT_EQ(prepare::make_chain(scene_of(kThirteen), {preset}, card).bands().size(), 12u);
    const auto late = [&] {
        prepare::make_chain(scene_of(kThirteen), {definition("normalise"), preset}, card);
    };
    EXPECT_THAT(error_of(late).second, HasSubstr("a preset is the first of a pipeline's steps"));
}

TEST(Preset, RefusesWhatItDoesNotFit) {
    const auto refused = [](const std::string& preset, std::size_t bands) {
        return error_of([&] {
                   prepare::make_chain(scene_of(std::vector<std::string>(bands)), {}, any_bands(preset));
               })
            .second;
    };
    EXPECT_THAT(refused("ben_finetune", 11), HasSubstr("11 bands without Sentinel-2's names enter"));
    EXPECT_THAT(refused("eurosat_official", 12), HasSubstr("needs the 13 of EuroSAT's files"));
    EXPECT_THAT(refused("segmunich", 13), HasSubstr("it needs 10"));
    EXPECT_THAT(refused("landsat", 12), HasSubstr("ben_finetune"));
    EXPECT_EQ(prepare::preset_entries().size(), 7u);
}

TEST(Sentinel2Names, AreOneHoweverTheyAreWritten) {
    EXPECT_EQ(prepare::sentinel2_name("B02"), "B2");
    EXPECT_EQ(prepare::sentinel2_name("b8a"), "B8A");
    for (const char* other : {"B13", "B0", "B", "8A", "B7A", "Blue", "B2 ", "B002"})
        EXPECT_EQ(prepare::sentinel2_name(other), "") << other;
}

TEST(EightBit, CutsOffInDouble) {
    const auto step = definition("eight_bit", R"({"low": 0, "high": 255})");
    const Cube out = apply_step(step, bands_at({500}), cube_of({{-5}, {0.99F}, {1}, {254.999F}, {300}}));
    EXPECT_THAT(out.values, ElementsAre(0, 0, 1 / 255.0F, 254 / 255.0F, 1));
}

}  // namespace
}  // namespace spectile::test
