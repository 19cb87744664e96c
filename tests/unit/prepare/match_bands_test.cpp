#include "prepare/match_bands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "unit/prepare/scenes.hpp"

namespace spectile::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ModelCard card_with_bands_at(const std::vector<double>& wavelengths) {
    ModelCard card;
    card.name = "fields";
    for (const double wavelength : wavelengths)
        card.bands.push_back(
            {wavelength > 0 ? "b" + std::to_string(static_cast<int>(wavelength)) : "", wavelength, {}});
    return card;
}

ModelCard card_of(const std::vector<std::string>& names) {
    ModelCard card;
    card.name = "fields";
    for (const auto& name : names) card.bands.push_back({name, {}, {}});
    return card;
}

std::vector<BandInfo> named(const std::vector<std::string>& names) {
    std::vector<BandInfo> bands(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) bands[i].name = names[i];
    return bands;
}

std::vector<int> sources(const std::vector<BandInfo>& bands, const ModelCard& card) {
    return prepare::match_bands("scene.hdr", bands, card).sources();
}

std::string refusal(const std::vector<BandInfo>& bands, const ModelCard& card) {
    const auto [code, message] = error_of([&] { prepare::match_bands("scene.hdr", bands, card); });
    EXPECT_EQ(code, Code::scene);
    return message;
}

TEST(MatchBands, TakesTheNearestWavelength) {
    const auto match = prepare::match_bands("scene.hdr", bands_at({488, 561, 600, 663, 842}),
                                            card_with_bands_at({665, 490, 560}));
    EXPECT_THAT(match.sources(), ElementsAre(3, 0, 1));
    EXPECT_EQ(match.how, "wavelength");
    EXPECT_DOUBLE_EQ(match.rows[0].residual_nm, 2);
    EXPECT_THAT(match.warnings, IsEmpty());
}

TEST(MatchBands, LeavesOutBadBands) {
    auto bands = bands_at({490, 560, 561});
    bands[1].bad = true;
    EXPECT_THAT(sources(bands, card_with_bands_at({490, 560})), ElementsAre(0, 2));
}

TEST(MatchBands, DoesNotDependOnTheOrderOfTheFile) {
    auto bands = bands_at({480, 490, 560, 564, 665});
    const auto card = card_with_bands_at({488, 562, 665});
    const auto straight = prepare::match_bands("scene.hdr", bands, card);
    std::reverse(bands.begin(), bands.end());
    const auto reversed = prepare::match_bands("scene.hdr", bands, card);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(reversed.rows[i].source, 4 - straight.rows[i].source);
        EXPECT_EQ(reversed.rows[i].source_nm, straight.rows[i].source_nm);
    }
}

TEST(MatchBands, BreaksATieByTheNearerWidthThenTheLowerWavelength) {
    auto card = card_with_bands_at({562});
    card.matching.tolerance_nm = 5;
    EXPECT_THAT(sources(bands_at({564, 560}), card), ElementsAre(1));
    card.bands[0].fwhm_nm = 10;
    EXPECT_THAT(sources({band_at(560, "", 20), band_at(564, "", 11)}, card), ElementsAre(1));
}

TEST(MatchBands, KeepsOverlappingDetectorsApart) {
    // Two detectors: the model was trained on a scene whose wavelengths were 0.16 nm lower.
    ModelCard card = card_with_bands_at({903.6, 911.715, 911.872, 919.8, 921.6});
    card.bands[1].fwhm_nm = 10.25;
    card.bands[2].fwhm_nm = 9.32;
    const std::vector<BandInfo> bands = {band_at(903.76, "", 10.2), band_at(911.872, "", 10.25),
                                         band_at(919.96, "", 10.3), band_at(912.03, "", 9.32),
                                         band_at(921.76, "", 9.4)};
    const auto match = prepare::match_bands("scene.hdr", bands, card);
    EXPECT_THAT(match.sources(), ElementsAre(0, 1, 3, 2, 4));
    EXPECT_THAT(match.warnings, IsEmpty());
}

TEST(MatchBands, GivesEachBandItsOwnWhereTheNearestWouldBeShared) {
    auto card = card_with_bands_at({500, 510});
    card.matching.tolerance_nm = 8;
    EXPECT_THAT(sources(bands_at({505, 515}), card), ElementsAre(0, 1));
}

TEST(MatchBands, SharesABandOnlyWithAWarning) {
    auto card = card_with_bands_at({500, 501});
    card.matching.tolerance_nm = 3;
    const auto match = prepare::match_bands("scene.hdr", bands_at({500.5, 600}), card);
    EXPECT_THAT(match.sources(), ElementsAre(0, 0));
    ASSERT_EQ(match.warnings.size(), 1U);
    EXPECT_THAT(match.warnings[0],
                testing::HasSubstr(
                    "scene.hdr: band 1 (500.5 nm) serves more than one band of model 'fields', also 'b50"));
}

TEST(MatchBands, RefusesBeyondTheTolerance) {
    EXPECT_EQ(refusal(bands_at({490, 560}), card_with_bands_at({490, 560, 665})),
              "scene.hdr: no band for 'b665' (665 nm) of model 'fields'; nearest is band 2 at 560 nm, 105.00 "
              "nm away, "
              "tolerance 52.50 nm; use matching: {resample: linear} or a larger tolerance_nm in the card, or "
              "another scene");
}

TEST(MatchBands, ToleranceIsHalfTheLocalSpacingButOneNanometreAtLeast) {
    EXPECT_THAT(sources(bands_at({500.9, 502}), card_with_bands_at({500, 500.4})), ElementsAre(0, 0));
    EXPECT_THAT(refusal(bands_at({505.1, 520}), card_with_bands_at({500, 510})),
                testing::HasSubstr("5.10 nm away, tolerance 5.00 nm"));
}

TEST(MatchBands, ResamplesLinearlyOverUsableBands) {
    auto bands = bands_at({500, 510, 520});
    bands[1].bad = true;
    auto card = card_with_bands_at({505, 520});
    card.matching.resample = "linear";
    const auto match = prepare::match_bands("scene.hdr", bands, card);
    EXPECT_TRUE(match.resampled());
    EXPECT_THAT(match.mixes[0].sources, ElementsAre(0, 2));
    EXPECT_THAT(match.mixes[0].weights, ElementsAre(0.75F, 0.25F));
    EXPECT_THAT(match.mixes[1].sources, ElementsAre(2));
    EXPECT_EQ(match.rows[0].source, -1);
}

TEST(MatchBands, RefusesToExtrapolate) {
    auto card = card_with_bands_at({450});
    card.matching.resample = "gaussian";
    card.bands[0].fwhm_nm = 10;
    EXPECT_EQ(refusal(bands_at({500, 510}), card),
              "scene.hdr: model 'fields': 'b450' (450 nm) lies outside the 500 to 510 nm that the usable "
              "bands cover; "
              "resampling does not extrapolate");
    card.bands[0].wavelength_nm = 505;
    card.bands[0].fwhm_nm.reset();
    EXPECT_THAT(refusal(bands_at({500, 510}), card),
                testing::HasSubstr("has no FWHM, which gaussian resampling needs"));
}

TEST(MatchBands, GoesByNamesWithoutWavelengths) {
    const auto card = card_of({"red", "Blue"});
    EXPECT_THAT(sources(named({"blue", "green", "red"}), card), ElementsAre(2, 0));
    EXPECT_EQ(refusal(named({"red", "blue", "red"}), card),
              "scene.hdr: bands 1 and 3 are both called 'red'; rename one or match by wavelength");
}

TEST(MatchBands, GoesByPositionOnlyWhereCountsAgree) {
    EXPECT_THAT(sources(named({"", ""}), card_of({"red", "blue"})), ElementsAre(0, 1));
    EXPECT_EQ(refusal(named({"", "", ""}), card_of({"red", "blue"})),
              "scene.hdr: 3 bands (3 not marked bad), but model 'fields' expects 2 by position; choose them "
              "with -b or "
              "scene: {bands: [...]}");
    auto card = card_with_bands_at({490, 560});
    EXPECT_EQ(
        refusal(named({"", ""}), card),
        "scene.hdr: the bands have no wavelengths and not all names that model 'fields' expects; give scene: "
        "{wavelengths: FILE}");
    card.matching.by = "position";
    EXPECT_THAT(sources(named({"", ""}), card), ElementsAre(0, 1));
}

TEST(MatchBands, ByPositionLeavesOutBadBandsOnlyWhereThatFits) {
    auto bands = named({"", "", ""});
    bands[1].bad = true;
    auto two = card_of({"a", "b"});
    two.matching.by = "position";
    EXPECT_THAT(sources(bands, two), ElementsAre(0, 2));
    auto three = card_of({"a", "b", "c"});
    three.matching.by = "position";
    const auto match = prepare::match_bands("scene.hdr", bands, three);
    EXPECT_THAT(match.sources(), ElementsAre(0, 1, 2));
    EXPECT_THAT(
        match.warnings,
        ElementsAre("scene.hdr: band 2 is marked bad but read, since model 'fields' goes by position"));
}

TEST(MatchBands, ByNameNamesTheMissingOne) {
    auto card = card_of({"red", "nir"});
    card.matching.by = "name";
    EXPECT_EQ(refusal(named({"red", "blue"}), card),
              "scene.hdr: no band is called 'nir', which model 'fields' expects by name; name the scene's "
              "bands or correct "
              "the card's matching");
}

TEST(MatchTwoDates, EachDateHasItsOwnBands) {
    const auto by_name =
        prepare::match_two_dates("before.tif", named({"red", "nir", "blue", "red", "nir", "blue"}),
                                 card_of({"blue", "red", "blue", "red"}));
    EXPECT_THAT(by_name.sources(), ElementsAre(2, 0, 5, 3));
    auto card = card_with_bands_at({490, 665, 490, 665});
    const auto by_wavelength =
        prepare::match_two_dates("before.tif", bands_at({664, 842, 492, 664, 842, 492}), card);
    EXPECT_THAT(by_wavelength.sources(), ElementsAre(2, 0, 5, 3));
    EXPECT_EQ(by_wavelength.rows.size(), 4u);
    card.matching.resample = "linear";
    const auto mixed = prepare::match_two_dates("before.tif", bands_at({480, 700, 900, 480, 700, 900}), card);
    ASSERT_EQ(mixed.mixes.size(), 4u);
    EXPECT_EQ(mixed.mixes[2].sources.front(), mixed.mixes[0].sources.front() + 3);
}

TEST(MatchTwoDates, ABandThatOneDateLacksIsNotTakenFromTheOther) {
    const auto [code, message] = error_of([] {
        auto card = card_of({"blue", "red", "blue", "red"});
        card.matching.by = "name";
        prepare::match_two_dates("before.tif", named({"red", "blue", "red", "green"}), card);
    });
    EXPECT_EQ(code, Code::scene);
    EXPECT_THAT(message, testing::HasSubstr("no band is called 'blue'"));
}

TEST(MatchBands, Sentinel2sNamesAreOneHoweverTheyAreWritten) {
    EXPECT_THAT(sources(named({"B8A", "B02", "b12"}), card_of({"B2", "B12", "B8a"})), ElementsAre(1, 2, 0));
}

}  // namespace
}  // namespace spectile::test
