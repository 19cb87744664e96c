#include "training/whitening.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "models/networks/libtorch_state.hpp"
#include "models/networks/registry.hpp"
#include "models/selftest.hpp"
#include "pipeline/model_card.hpp"
#include "prepare/chain.hpp"
#include "raster/open_scene.hpp"
#include "spectile/error.hpp"
#include "synthetic_scene.hpp"
#include "training/prepared_scenes.hpp"
#include "training/train.hpp"

namespace spectile::training {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr int kBands = 4, kPixels = 600;

/// One row of pixels of two classes whose bands scatter together: neighbours share most of their noise.
Dataset correlated() {
    Dataset data;
    data.classes = {{1, "a", {}}, {2, "b", {}}};
    data.bands = kBands;
    data.dark.assign(kBands, -1);
    PreparedScene scene{.size = {kPixels, 1}, .bands = kBands, .radius = 0, .values = {}};
    Random random(3, Purpose::split, {});
    for (int x = 0; x < kPixels; ++x) {
        const double shared = 3 * random.normal();
        for (int band = 0; band < kBands; ++band)
            scene.values.push_back(
                static_cast<float>(shared + 0.3 * random.normal() + (band == 2 ? x % 2 : 0)));
        data.samples.push_back({0, x, 0, x % 2, x < 500 ? Role::training : Role::test});
    }
    for (int band = 0; band < kBands; ++band) scene.values[static_cast<std::size_t>(7 * kBands + band)] = 0;
    data.samples.erase(data.samples.begin() + 7);
    data.scenes.push_back(std::move(scene));
    return data;
}

/// Covariance of two bands of the training samples around the means of their classes.
double within(const Dataset& data, int a, int b) {
    std::vector<std::vector<double>> mean(2, std::vector<double>(kBands, 0));
    std::vector<double> count(2, 0);
    const auto value = [&](const Sample& s, int band) {
        return static_cast<double>(data.scenes[0].spectrum(s.x, 0)[band]);
    };
    for (const auto i : data.with_role(Role::training)) {
        const auto& s = data.samples[i];
        count[static_cast<std::size_t>(s.target)] += 1;
        for (int band = 0; band < kBands; ++band)
            mean[static_cast<std::size_t>(s.target)][static_cast<std::size_t>(band)] += value(s, band);
    }
    double sum = 0;
    for (const auto i : data.with_role(Role::training)) {
        const auto& s = data.samples[i];
        const auto t = static_cast<std::size_t>(s.target);
        sum += (value(s, a) - mean[t][static_cast<std::size_t>(a)] / count[t]) *
               (value(s, b) - mean[t][static_cast<std::size_t>(b)] / count[t]);
    }
    return sum / (count[0] + count[1]);
}

TEST(Whitening, BandsScatterAlikeAndIndependentlyWithinTheClasses) {
    const Dataset data = correlated();
    EXPECT_GT(within(data, 0, 1), 0.9 * within(data, 0, 0)) << "the data are what the test needs";
    const Dataset white = whitened(data, fit_whitening(data, 0));
    for (int a = 0; a < kBands; ++a)
        for (int b = 0; b < kBands; ++b)
            EXPECT_NEAR(within(white, a, b), a == b ? within(white, 0, 0) : 0, 1e-3) << a << ' ' << b;
}

TEST(Whitening, SamplesHaveDeviationOneOnAverageAndMeanZero) {
    const Dataset data = correlated();
    const Dataset white = whitened(data, fit_whitening(data, 0.05));
    double deviations = 0;
    for (int band = 0; band < kBands; ++band) {
        double sum = 0, squares = 0, count = 0;
        for (const auto i : white.with_role(Role::training)) {
            const double value = white.scenes[0].spectrum(white.samples[i].x, 0)[band];
            sum += value;
            squares += value * value;
            ++count;
        }
        EXPECT_NEAR(sum / count, 0, 1e-4);
        deviations += std::sqrt(squares / count) / kBands;
    }
    EXPECT_NEAR(deviations, 1, 1e-4);
}

TEST(Whitening, FullShrinkageOnlyScales) {
    const auto whitening = fit_whitening(correlated(), 1);
    for (std::size_t a = 0; a < kBands; ++a)
        for (std::size_t b = 0; b < kBands; ++b) {
            if (a == b)
                EXPECT_NEAR(whitening.components[a][b], whitening.components[0][0], 1e-6);
            else
                EXPECT_NEAR(whitening.components[a][b], 0, 1e-9);
        }
}

TEST(Whitening, KnowsOnlyTheTrainingPixelsAndLeavesPixelsWithoutMeasurement) {
    Dataset data = correlated();
    const auto whitening = fit_whitening(data, 0.01);
    for (std::size_t i = 500 * kBands; i < data.scenes[0].values.size(); ++i) data.scenes[0].values[i] += 5;
    EXPECT_EQ(fit_whitening(data, 0.01).components, whitening.components) << "test pixels changed";
    const Dataset white = whitened(data, whitening);
    for (int band = 0; band < kBands; ++band) EXPECT_EQ(white.scenes[0].spectrum(7, 0)[band], 0);
    EXPECT_NE(white.dark, data.dark);
}

class WhitenedTraining : public testing::Test {
protected:
    WhitenedTraining() {
        networks::quiet_libtorch();
        write_scene(folder_);
        training_ = definition_in(folder_);
        training_.prepare.push_back(
            {"whiten", R"({"from": "training", "shrinkage": 0.1})", "", {training_.file, 2}});
    }
    std::string message() const {
        try {
            (void)open_training_scenes(training_);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Code::definition);
            return error.what();
        }
        return "no error";
    }
    TestFolder folder_;
    Training training_;
};

TEST_F(WhitenedTraining, TheCardPreparesASceneAsTheTrainingDid) {
    const auto accuracy = json::parse(train(training_, {}).accuracy);
    EXPECT_GT(accuracy["test"]["overall_accuracy"], 0.95);
    const ModelCard card = read_model_card(training_.output);
    ASSERT_EQ(card.prepare.size(), 2U);
    EXPECT_EQ(json::parse(card.prepare[1].parameters), json({{"file", "whitening.json"}}));
    run_selftest(card, *networks::network_entry(card.architecture).load(card, "cpu"));

    const auto scene = open_scene(training_.scenes[0]);
    const auto chain = prepare::make_chain(scene->info(), {}, card);
    Cube cube;
    scene->reader()->read(scene->info().grid.window(), chain.source_bands(), cube);
    chain.apply(cube);
    auto all = open_training_scenes(training_);
    std::vector<std::string> warnings;
    Dataset data = load_dataset(training_, all, 1, warnings);
    assign_roles(training_.split, data.ground(), 1, data.samples, warnings);
    const Dataset white = whitened(data, fit_whitening(data, *all.whitening));
    for (int band = 0; band < white.bands; ++band)
        for (const std::int64_t pixel : {0, 1, 500, 1023})
            EXPECT_EQ(cube.band(band)[static_cast<std::size_t>(pixel)],
                      white.scenes[0].spectrum(pixel % kSceneSide, pixel / kSceneSide)[band])
                << band << ' ' << pixel;
}

TEST_F(WhitenedTraining, MistakesAreNamed) {
    training_.prepare.push_back({"clip", R"({"min": 0, "max": 1})", "", {training_.file, 3}});
    EXPECT_THAT(message(), HasSubstr("must be the last step"));
    training_.prepare.pop_back();
    training_.prepare.back().parameters = R"({"from": "scene"})";
    EXPECT_THAT(message(), HasSubstr("from: must be training"));
    training_.prepare.back().parameters = R"({"from": "training", "shrinkage": 2})";
    EXPECT_THAT(message(), HasSubstr("between 0 and 1"));
    training_.prepare.back().parameters = R"({"from": "training", "keep": 3})";
    EXPECT_THAT(message(), HasSubstr("and nothing else"));
}

}  // namespace
}  // namespace spectile::training
