#include "prepare/audit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <span>

#include "unit/prepare/scenes.hpp"

namespace spectile::test {
namespace {

constexpr double kMean = 0.21;

SceneInfo scene_of(int bands, double scale) {
    SceneInfo scene;
    scene.name = "scene.hdr";
    for (int band = 0; band < bands; ++band) {
        scene.bands.push_back(band_at(500 + 10 * band));
        scene.bands.back().scale = scale;
    }
    return scene;
}

ModelCard reflectance_card(int bands) {
    ModelCard card;
    card.name = "fields";
    card.quantity = "reflectance";
    for (int band = 0; band < bands; ++band) card.bands.push_back({"", 500.0 + 10 * band, {}});
    card.prepare = {definition("standardise", R"({"mean": 0.21, "std": 0.1})")};
    return card;
}

/// Values around `level`, spread by a fifth of it.
Cube sample_around(double level, int bands) {
    Cube cube = random_cube({0, 0, 40, 40}, bands, 2);
    for (auto& value : cube.values)
        value = static_cast<float>(level * (0.8 + 0.4 * static_cast<double>(value)));
    return cube;
}

prepare::AuditReport audit(double scale, Cube sample) {
    const auto card = reflectance_card(3);
    const auto chain = prepare::make_chain(scene_of(3, scale), {}, card);
    return prepare::audit("scene.hdr", chain, card, std::span(&sample, 1));
}

TEST(Audit, IsSilentWhereUnitsFit) {
    const auto report = audit(0.0001, sample_around(2100, 3));
    EXPECT_THAT(report.warnings, testing::IsEmpty());
    ASSERT_EQ(report.rows.size(), 3U);
    EXPECT_NEAR(report.rows[0].median, kMean, 0.01);
    EXPECT_EQ(report.rows[0].outside, 0);
    EXPECT_NEAR(report.nodata, 0.125, 0.03);
}

TEST(Audit, RefusesCountsWhereReflectanceIsExpected) {
    const auto [code, message] = error_of([] { audit(1, sample_around(2134, 3)); });
    EXPECT_EQ(code, Code::scene);
    EXPECT_THAT(message, testing::MatchesRegex(
                             "scene.hdr: values after scaling have median 21[0-9.]+, the model expects "
                             "about 0.21 \\(reflectance\\); give scene: \\{scale: 0.0001\\}"));
}

TEST(Audit, RefusesValuesScaledTwice) {
    const auto [code, message] = error_of([] { audit(0.0001, sample_around(0.21, 3)); });
    EXPECT_EQ(code, Code::scene);
    EXPECT_THAT(message, testing::HasSubstr("give scene: {scale: 1}"));
}

TEST(Audit, AcceptsADarkSceneWithSomeBrightPixels) {
    Cube sample = sample_around(0.02, 3);
    for (int band = 0; band < 3; ++band)
        for (std::size_t i = 0; i < 100; ++i) sample.band(band)[i] = 0.2F;
    EXPECT_EQ(audit(1, sample).rows.size(), 3U);
}

TEST(Audit, NamesDeadBandsNodataAndStrayValues) {
    Cube sample = sample_around(0.21, 3);
    std::ranges::fill(sample.band(1), 0.3F);
    for (std::size_t i = 0; i < sample.pixels(); i += 7) sample.band(2)[i] = 5.0F;
    for (std::size_t i = 0; i < sample.pixels() * 2 / 3; ++i) sample.valid[i] = 0;
    const auto report = audit(1, sample);
    ASSERT_EQ(report.warnings.size(), 3U);
    EXPECT_THAT(report.warnings[0],
                testing::MatchesRegex("scene.hdr: 7[0-9] % of the sampled pixels are nodata"));
    EXPECT_EQ(report.warnings[1], "scene.hdr: one value in every sampled pixel of band 2");
    EXPECT_EQ(report.warnings[2],
              "scene.hdr: 1 of 3 bands have more than 1 % of values beyond mean +- 6 std of the model's "
              "training data");
    EXPECT_TRUE(report.rows[1].dead);
    EXPECT_GT(report.rows[2].outside, 0.1);
}

TEST(Audit, OfNodataAloneHasNoRows) {
    Cube sample = sample_around(0.21, 3);
    std::ranges::fill(sample.valid, std::uint8_t{0});
    const auto report = audit(1, sample);
    EXPECT_TRUE(report.rows.empty());
    EXPECT_EQ(report.nodata, 1);
}

}  // namespace
}  // namespace spectile::test
