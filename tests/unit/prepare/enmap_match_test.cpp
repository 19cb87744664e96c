#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <numeric>
#include <set>
#include <sstream>

#include "prepare/match_bands.hpp"
#include "unit/prepare/scenes.hpp"

// The wavelengths of a real EnMAP scene, whose two detectors overlap between 902 and 993 nm.
namespace spectile::test {
namespace {

std::vector<double> list_of(const std::string& text, const std::string& key) {
    const auto begin = text.find("\n" + key + " = {");
    std::istringstream in(text.substr(text.find('{', begin) + 1));
    std::vector<double> values;
    for (double value = 0; in >> value; in.ignore(1)) values.push_back(value);
    return values;
}

class EnmapMatch : public testing::Test {
protected:
    void SetUp() override {
        const auto path =
            std::filesystem::path(SPECTILE_SOURCE_DIR) / "../shared/data/enmap_potsdam/enmap_potsdam.hdr";
        std::ifstream in(path);
        if (!in) GTEST_SKIP() << path << " is not there";
        std::stringstream text;
        text << in.rdbuf();
        const auto wavelengths = list_of(text.str(), "wavelength");
        const auto widths = list_of(text.str(), "fwhm");
        const auto good = list_of(text.str(), "bbl");
        ASSERT_EQ(wavelengths.size(), widths.size());
        ASSERT_EQ(wavelengths.size(), good.size());
        card_.name = "landcover";
        for (std::size_t i = 0; i < wavelengths.size(); ++i) {
            bands_.push_back(band_at(wavelengths[i], "", widths[i]));
            bands_.back().bad = good[i] == 0;
            if (bands_.back().bad) continue;
            good_.push_back(static_cast<int>(i));
            card_.bands.push_back({"band " + std::to_string(i + 1), wavelengths[i], widths[i]});
        }
    }

    std::vector<BandInfo> bands_;
    std::vector<int> good_;
    ModelCard card_;
};

TEST_F(EnmapMatch, EveryUsableBandFindsItself) {
    const auto match = prepare::match_bands("enmap.hdr", bands_, card_);
    EXPECT_EQ(match.sources(), good_);
    EXPECT_TRUE(match.warnings.empty());
    for (const auto& row : match.rows) EXPECT_EQ(row.residual_nm, 0);
}

TEST_F(EnmapMatch, AShiftedSceneKeepsEveryBandApart) {
    for (const double shift : {-0.4, -0.157, 0.157, 0.4}) {
        auto moved = bands_;
        for (auto& band : moved) *band.wavelength_nm += shift;
        const auto match = prepare::match_bands("enmap.hdr", moved, card_);
        EXPECT_EQ(match.sources(), good_) << shift;
        EXPECT_TRUE(match.warnings.empty()) << shift;
    }
}

TEST_F(EnmapMatch, APermutedFileGivesTheSameBands) {
    const auto n = static_cast<int>(bands_.size());
    std::vector<BandInfo> permuted;
    std::vector<int> was;
    for (int i = 0; i < n; ++i) {
        was.push_back((i * 89 + 13) % n);  // 89 has no factor in common with 224
        permuted.push_back(bands_[static_cast<std::size_t>(was.back())]);
    }
    std::vector<int> found;
    for (const int source : prepare::match_bands("enmap.hdr", permuted, card_).sources())
        found.push_back(was[static_cast<std::size_t>(source)]);
    EXPECT_EQ(found, good_);
}

TEST_F(EnmapMatch, ResamplingCoversAMultispectralModel) {
    ModelCard card;
    card.name = "sentinel";
    card.matching.resample = "gaussian";
    for (const auto& [nm, width] :
         {std::pair{492.4, 66.0}, {559.8, 36.0}, {664.6, 31.0}, {945.1, 20.0}, {2202.4, 175.0}})
        card.bands.push_back({"", nm, width});
    const auto match = prepare::match_bands("enmap.hdr", bands_, card);
    for (const auto& mix : match.mixes) {
        EXPECT_NEAR(std::accumulate(mix.weights.begin(), mix.weights.end(), 0.0), 1.0, 1e-6);
        for (const int source : mix.sources) EXPECT_FALSE(bands_[static_cast<std::size_t>(source)].bad);
        EXPECT_GT(mix.sources.size(), 3U);
    }
}

}  // namespace
}  // namespace spectile::test
