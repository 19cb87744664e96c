#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "unit/prepare/scenes.hpp"

// Every registered step passes the same checks; adding a step adds no test code.
namespace spectile::test {
namespace {

class EveryStep : public testing::TestWithParam<StepEntry> {
protected:
    static std::vector<BandInfo> bands() { return bands_at({500, 510, 520, 530, 540}); }
    static StepDefinition example() { return definition(GetParam().name, GetParam().example); }
    static std::unique_ptr<Step> made_for(const Cube& scene) {
        auto step = prepare::make_step(example());
        step->bind(bands());
        if (step->needs() != Needs::nothing) step->set_statistics(statistics_of(scene));
        return step;
    }
};

bool same_bytes(const Cube& a, const Cube& b) {
    return a.bands == b.bands && a.valid == b.valid && a.values.size() == b.values.size() &&
           std::memcmp(a.values.data(), b.values.data(), a.values.size() * sizeof(float)) == 0;
}

TEST_P(EveryStep, GivesEachPixelTheSameBytesInAnyWindow) {
    const Window scene{0, 0, 61, 43};
    const Cube raw = random_cube(scene, 5, 11);
    const auto step = made_for(raw);
    Cube whole = raw;
    step->apply(whole);
    for (const auto& [width, height] : {std::pair{1, 1}, {7, 5}, {32, 32}, {61, 2}, {3, 43}})
        for (std::int64_t y = 0; y < scene.height; y += height)
            for (std::int64_t x = 0; x < scene.width; x += width) {
                const Window window = intersect({x, y, width, height}, scene);
                Cube part = cut(raw, window);
                step->apply(part);
                ASSERT_TRUE(same_bytes(part, cut(whole, window))) << to_string(window);
            }
}

TEST_P(EveryStep, LeavesValuesFiniteAndMaskedPixelsMasked) {
    const Cube raw = random_cube({0, 0, 40, 30}, 5, 3);
    Cube cube = raw;
    made_for(raw)->apply(cube);
    for (const float value : cube.values) ASSERT_TRUE(std::isfinite(value));
    EXPECT_EQ(cube.valid, raw.valid);
}

TEST_P(EveryStep, BindsAsManyBandsAsItLeaves) {
    const Cube raw = random_cube({0, 0, 8, 8}, 5, 5);
    const auto step = prepare::make_step(example());
    const auto leaving = step->bind(bands());
    if (step->needs() != Needs::nothing) step->set_statistics(statistics_of(raw));
    Cube cube = raw;
    step->apply(cube);
    EXPECT_EQ(static_cast<std::size_t>(cube.bands), leaving.size());
    EXPECT_EQ(cube.values.size(), leaving.size() * cube.pixels());
}

TEST_P(EveryStep, KeepsAMissingValueMissing) {
    Cube cube = random_cube({0, 0, 8, 8}, 5, 9);
    std::fill(cube.valid.begin(), cube.valid.end(), std::uint8_t{1});
    const auto step = made_for(cube);
    for (int band = 0; band < cube.bands; ++band) cube.band(band)[17] = NAN;
    step->apply(cube);
    if (GetParam().name == "fill") {
        EXPECT_EQ(cube.valid[17], 0);
        return;
    }
    for (int band = 0; band < cube.bands; ++band) EXPECT_TRUE(std::isnan(cube.band(band)[17]));
}

TEST_P(EveryStep, IgnoresInvalidPixelsForTheValidOnes) {
    const Cube raw = random_cube({0, 0, 30, 20}, 5, 21);
    Cube other = raw;
    for (int band = 0; band < other.bands; ++band)
        for (std::size_t i = 0; i < other.pixels(); ++i)
            if (!other.valid[i]) other.band(band)[i] = 1e6F;
    Cube a = raw, b = other;
    made_for(raw)->apply(a);
    made_for(other)->apply(b);
    for (int band = 0; band < a.bands; ++band)
        for (std::size_t i = 0; i < a.pixels(); ++i)
            ASSERT_TRUE(!a.valid[i] || a.band(band)[i] == b.band(band)[i]);
}

TEST_P(EveryStep, DeclaresEveryKeyWithAText) {
    std::set<std::string> names;
    for (const auto& key : GetParam().keys) {
        EXPECT_FALSE(key.doc.empty()) << key.name;
        EXPECT_TRUE(names.insert(key.name).second) << key.name << " is declared twice";
        EXPECT_TRUE(key.fallback.empty() || nlohmann::json::accept(key.fallback)) << key.name;
    }
    EXPECT_FALSE(GetParam().summary.empty());
}

TEST_P(EveryStep, RefusesAnUndeclaredKeyWithItsPlace) {
    const auto [code, message] =
        error_of([] { prepare::make_step(definition(GetParam().name, R"({"nonsense": 1})")); });
    EXPECT_EQ(code, Code::definition);
    EXPECT_THAT(message, testing::StartsWith("my.yaml:7: " + GetParam().name + ": unknown key 'nonsense'"));
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryStep, testing::ValuesIn(prepare::step_entries()),
                         [](const auto& step) { return step.param.name; });

TEST(Steps, HaveDifferentNames) {
    std::set<std::string> names;
    for (const auto& entry : prepare::step_entries())
        EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
}

TEST(Steps, AreSuggestedWhereANameIsMisspelt) {
    const auto [code, message] = error_of([] { prepare::make_step(definition("standardize")); });
    EXPECT_EQ(code, Code::definition);
    EXPECT_EQ(message, "my.yaml:7: standardize: unknown preparation step; did you mean 'standardise'?");
}

}  // namespace
}  // namespace spectile::test
