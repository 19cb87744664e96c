#include "support/golden_file.hpp"
#include "unit/prepare/scenes.hpp"

// What the published loaders of SpectralGPT do to an image, as chains of our steps. The official statistics
// are per image, and here the image is the scene.
namespace spectile::test {
namespace {

struct Preset {
    const char *name, *raw, *out;
    std::vector<StepDefinition> steps;
    float tolerance;  ///< Absolute.
};

void PrintTo(const Preset& preset, std::ostream* out) { *out << preset.name; }

const StepDefinition kWithoutB10 = definition("select", R"({"bands": "1-10, 12-13"})");
const StepDefinition kSceneMinMax = definition("min_max", R"({"from": "scene"})");

std::vector<Preset> presets() {
    const auto eurosat = definition("standardise", R"({
        "mean": [752.40087073, 884.29673756, 1144.16202635, 1297.47289228, 1624.90992062, 2194.6423161,
                 2422.21248945, 2517.76053101, 2581.64687018, 2645.51888987, 2368.51236873, 1805.06846033],
        "std": [1108.02887453, 1155.15170768, 1183.6292542, 1368.11351514, 1370.265037, 1355.55390699,
                1416.51487101, 1474.78900051, 1439.3086061, 1582.28010962, 1455.52084939, 1343.48379601]})");
    return {{"fmow", "raw13", "fmow_minmax", {kWithoutB10, kSceneMinMax}, 1e-6F},
            {"ben_pretrain", "raw12", "ben_pretrain_minmax", {kSceneMinMax}, 1e-6F},
            {"ben_pretrain_tile",
             "raw12",
             "ben_pretrain_minmax",
             {definition("min_max", R"({"from": "tile", "eps": 1e-12})")},
             1e-6F},
            {"oscd", "raw12", "oscd", {kSceneMinMax}, 1e-6F},
            {"oscd_tile", "raw12", "oscd", {definition("min_max", R"({"from": "tile"})")}, 1e-6F},
            {"segmunich",
             "raw10",
             "segmunich_train",
             {definition("append_mean", R"({"times": 2})"), kSceneMinMax},
             1e-6F},
            {"eurosat_official", "raw13", "eurosat_official", {kWithoutB10, eurosat}, 1e-6F}};
}

class SpectralGptPreset : public testing::TestWithParam<Preset> {};

TEST_P(SpectralGptPreset, GivesWhatThePublishedLoaderGives) {
    if (golden_absent()) GTEST_SKIP() << golden_root() << " is not there; set SPECTILE_GOLDEN";
    const auto& preset = GetParam();
    const auto file = read_golden(golden_root() / "spectralgpt" / "preprocess_small.safetensors");
    const auto& raw = file.at(std::string("input.") + preset.raw);
    Cube cube;
    cube.reset({0, 0, raw.dim(2), raw.dim(1)}, static_cast<int>(raw.dim(0)));
    for (std::size_t i = 0; i < cube.values.size(); ++i) cube.values[i] = static_cast<float>(raw.integers[i]);
    std::fill(cube.valid.begin(), cube.valid.end(), std::uint8_t{1});
    for (const auto& step : preset.steps)
        cube = apply_step(step, std::vector<BandInfo>(static_cast<std::size_t>(cube.bands)), cube);
    const auto& expected = file.at(std::string("out.") + preset.out).values;
    ASSERT_EQ(cube.values.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
        ASSERT_NEAR(cube.values[i], expected[i], preset.tolerance) << i;
}

INSTANTIATE_TEST_SUITE_P(Every, SpectralGptPreset, testing::ValuesIn(presets()),
                         [](const auto& preset) { return std::string(preset.param.name); });

}  // namespace
}  // namespace spectile::test
