#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/checksum.hpp"
#include "models/networks/registry.hpp"
#include "models/selftest.hpp"
#include "pipeline/model_card.hpp"
#include "prepare/chain.hpp"
#include "raster/open_scene.hpp"
#include "spectile/error.hpp"
#include "training/prepared_scenes.hpp"
#include "training_fixture.hpp"

namespace spectile::training {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Train : public TrainingTest {
protected:
    Train() { write_scene(folder_); }
};

TEST_F(Train, HeldOutTilesOfASeparableSceneAreClassified) {
    const auto accuracy = json::parse(train(definition_in(folder_), options_).accuracy);
    EXPECT_GT(accuracy["validation"]["overall_accuracy"], 0.95);
    EXPECT_GT(accuracy["test"]["overall_accuracy"], 0.95);
    EXPECT_EQ(accuracy["test"]["pixels"], 8 * 7);  // Square 3 without its unlabelled column.
}

TEST_F(Train, TheModelFolderSaysAllThatARunNeedsAndPassesItsSelfTest) {
    const auto t = definition_in(folder_);
    (void)train(t, options_);
    const ModelCard card = read_model_card(t.output);
    EXPECT_EQ(card.task, Task::classification);
    ASSERT_EQ(card.bands.size(), static_cast<std::size_t>(kSceneBands - 1)) << "the bad band is left out";
    EXPECT_EQ(card.bands[1].wavelength_nm, 510);
    EXPECT_EQ(card.bands[1].fwhm_nm, 8.5);
    EXPECT_EQ(card.quantity, "reflectance");
    EXPECT_EQ(card.classes.size(), 3U);
    EXPECT_EQ(card.halo, 1);
    EXPECT_EQ(card.weights_sha256, weights_of(t));
    const auto standardise = json::parse(card.prepare.at(0).parameters);
    ASSERT_EQ(standardise.at("mean").size(), card.bands.size());
    EXPECT_GT(standardise["mean"][0], 0.15) << "physical units: reflectance, not counts";
    EXPECT_LT(standardise["mean"][0], 0.45);
    const auto said = json::parse(card.training);
    EXPECT_EQ(said["scenes"][0]["files"][0], "scene.dat") << "no path of this machine";
    EXPECT_EQ(said["split"]["validation"], json({5, 10}));
    EXPECT_EQ(said["pixels"]["training"], 32 * 31 - 1 - 2 * 64 - 56);
    EXPECT_TRUE(json::parse(card.accuracy).contains("test"));
    ASSERT_FALSE(card.selftest.empty());
    run_selftest(card, *networks::network_entry(card.architecture).load(card, "cpu"));
    EXPECT_FALSE(std::filesystem::exists(t.output + ".partial"));
}

TEST_F(Train, TheWholeSceneRunnerGivesTheAccuracyThatTheCardPromises) {
    const auto t = definition_in(folder_);
    const auto promised = json::parse(train(t, options_).accuracy);
    const ModelCard card = read_model_card(t.output);
    const auto scene = open_scene(t.scenes[0]);
    const auto chain = prepare::make_chain(scene->info(), {}, card);
    const Window tile{24, 0, 8, 8};  // Square 3: its halo leaves the scene on two sides.
    std::vector<std::string> warnings;
    Dataset data = load_dataset(t, open_training_scenes(t), 3, warnings);
    assign_roles(t.split, data.ground(), 1, data.samples, warnings);
    Cube cube;
    cube.reset(grow(tile, 1), static_cast<int>(chain.bands().size()));
    for (int band = 0; band < cube.bands; ++band)
        for (std::int64_t y = 0; y < 10; ++y)
            for (std::int64_t x = 0; x < 10; ++x)
                cube.band(band)[static_cast<std::size_t>(y * 10 + x)] =
                    data.scenes[0].spectrum(tile.x + x - 1, tile.y + y - 1)[band];
    std::fill(cube.valid.begin(), cube.valid.end(), std::uint8_t{1});
    Prediction prediction;
    networks::network_entry(card.architecture)
        .load(card, "cpu")
        ->start()
        ->predict({&cube, 1}, {&prediction, 1}, [](std::int64_t n, const auto& body) {
            for (std::int64_t i = 0; i < n; ++i) body(i);
        });
    int hits = 0;
    for (const auto& s : data.samples) {
        if (s.role != Role::test) continue;
        const auto pixel = static_cast<std::size_t>((s.y - tile.y) * 8 + s.x - tile.x);
        int best = 0;
        for (int c = 1; c < 3; ++c)
            if (prediction.channel(c)[pixel] > prediction.channel(best)[pixel]) best = c;
        hits += best == s.target;
    }
    EXPECT_EQ(hits, std::lround(promised["test"]["overall_accuracy"].get<double>() * 56));
}

TEST_F(Train, InterruptedAndResumedGivesTheSameModelByteForByte) {
    auto straight = definition_in(folder_);
    (void)train(straight, options_);
    auto t = straight;
    t.output = folder_.file("resumed");
    options_.work = folder_.file("other-work");
    int epochs = 0;
    options_.progress = [&](const TrainingProgress&) { ++epochs; };
    options_.stop = [&] { return epochs == 3; };
    EXPECT_THAT(message_of(t, Code::interrupted), HasSubstr("epoch 4 of 6"));
    EXPECT_FALSE(std::filesystem::exists(t.output));
    options_.stop = {};
    (void)train(t, options_);
    EXPECT_EQ(epochs, 6);
    for (const auto* name : {"/weights.safetensors", "/selftest.safetensors", "/model.yaml"})
        EXPECT_EQ(sha256_of_file(straight.output + name), sha256_of_file(t.output + name)) << name;
}

TEST_F(Train, AModelIsOnlyReplacedOnRequestAndOtherFilesOfItsFolderStay) {
    const auto t = definition_in(folder_);
    std::filesystem::create_directories(t.output);
    std::ofstream(t.output + "/training.yaml") << "mine\n";
    (void)train(t, options_);
    EXPECT_TRUE(std::filesystem::exists(t.output + "/training.yaml"));
    EXPECT_THAT(message_of(t, Code::publish), HasSubstr("--overwrite"));
    options_.overwrite = true;
    (void)train(t, options_);
    EXPECT_TRUE(std::filesystem::exists(t.output + "/training.yaml"));
}

TEST_F(Train, SeveralSeedsKeepTheBestAndReportAll) {
    auto t = definition_in(folder_);
    t.seeds = {1, 2};
    const auto accuracy = json::parse(train(t, options_).accuracy);
    ASSERT_EQ(accuracy["seeds"].size(), 2U);
    double best = 0;
    for (const auto& seed : accuracy["seeds"])
        best = std::max(best, seed["validation"]["overall_accuracy"].get<double>() +
                                  seed["validation"]["average_accuracy"].get<double>());
    EXPECT_DOUBLE_EQ(best, accuracy["validation"]["overall_accuracy"].get<double>() +
                               accuracy["validation"]["average_accuracy"].get<double>());
}

TEST_F(Train, SeveralSeedsComeWithMeanAndScatter) {
    auto t = definition_in(folder_);
    t.seeds = {1, 2};
    const auto accuracy = json::parse(train(t, options_).accuracy);
    const auto& figure = accuracy["spread"]["test"]["overall_accuracy"];
    const double a = accuracy["seeds"][0]["test"]["overall_accuracy"],
                 b = accuracy["seeds"][1]["test"]["overall_accuracy"];
    EXPECT_NEAR(figure["mean"].get<double>(), (a + b) / 2, 1e-12);
    EXPECT_NEAR(figure["scatter"].get<double>(), std::abs(a - b) / std::sqrt(2.0), 1e-12);
}

TEST_F(Train, EverySeedDrawsItsOwnPixelsWhereTheSplitSaysSo) {
    auto t = definition_in(folder_);
    t.split = {};
    t.split.by = "random";
    t.split.training_pixels = 30;
    t.seeds = {1, 2};
    t.recipe = R"({"epochs": 1, "keep": "last"})";
    const auto pixels_of = [&](const TrainingResult& result) {
        std::set<std::pair<std::int64_t, std::int64_t>> pixels;
        for (const auto& p : result.judged) pixels.insert({p.x, p.y});
        return pixels;
    };
    t.output = folder_.file("one");
    options_.work = folder_.file("work-one");
    const auto one = train(t, options_);
    EXPECT_THAT(one.warnings, testing::Contains(HasSubstr("split by random pixels")));
    t.seeds = {2};
    t.output = folder_.file("fixed");
    options_.work = folder_.file("work-fixed");
    const auto other = train(t, options_);
    EXPECT_NE(pixels_of(one), pixels_of(other)) << "the split follows the first seed";
    t.seeds = {1, 2};
    t.split.redraw = true;
    t.output = folder_.file("redrawn");
    options_.work = folder_.file("work-redrawn");
    const auto redrawn = json::parse(train(t, options_).accuracy);
    EXPECT_EQ(redrawn["seeds"][1]["test"], json::parse(other.accuracy)["seeds"][0]["test"])
        << "seed 2 as if it were alone";
}

TEST_F(Train, LabelsOfAGivenSplitComeFromTheirOwnFiles) {
    auto t = definition_in(folder_);
    t.split = {};
    t.split.by = "given";
    write_labels(folder_, "north", [](int, int y) { return y < 16; });
    write_labels(folder_, "south", [](int x, int y) { return y >= 16 && x < 16; });
    write_labels(folder_, "south_east", [](int x, int y) { return y >= 16 && x >= 16; });
    t.labels[0].path = folder_.file("north.dat");
    t.labels[0].validation = folder_.file("south.dat");
    t.labels[0].test = folder_.file("south_east.dat");
    (void)train(t, options_);
    const auto said = json::parse(read_model_card(t.output).training);
    EXPECT_EQ(said["pixels"]["training"], 16 * 31 - 1);
    EXPECT_EQ(said["pixels"]["validation"], 16 * 16);
    EXPECT_EQ(said["pixels"]["test"], 16 * 15);
    EXPECT_EQ(said["scenes"][0]["test_labels"], "south_east.dat");
    t.labels[0].test = folder_.file("south.dat");
    t.output = folder_.file("other");
    EXPECT_THAT(message_of(t, Code::scene), HasSubstr("labelled in another file"));
}

TEST_F(Train, ValuesToIgnoreAreLeftOut) {
    auto t = definition_in(folder_);
    t.classes.pop_back();
    t.labels[0].left_out = {3};
    const auto accuracy = json::parse(train(t, options_).accuracy);
    EXPECT_EQ(accuracy["validation"]["per_class"].size(), 2U);
    t.labels[0].left_out = {2};
    t.output = folder_.file("other");
    EXPECT_THAT(message_of(t, Code::definition), HasSubstr("2 is one of the classes"));
}

TEST_F(Train, MistakesInTheDefinitionAreNamed) {
    auto t = definition_in(folder_);
    t.classes.pop_back();
    EXPECT_THAT(message_of(t, Code::scene), HasSubstr("value 3 at pixel"));
    t = definition_in(folder_);
    t.parameters = R"({"patch_size": 2})";
    EXPECT_THAT(message_of(t, Code::model), HasSubstr("patch_size"));
    t = definition_in(folder_);
    t.labels[0].path = folder_.file("absent.tif");
    EXPECT_THAT(message_of(t, Code::missing), HasSubstr("absent.tif"));
    t = definition_in(folder_);
    options_.device = "cuda";
    EXPECT_THAT(message_of(t, Code::device), HasSubstr("use --device cpu"));
}

TEST_F(Train, StatisticsOfSeveralScenesArePooledIntoOneCard) {
    auto t = definition_in(folder_);
    const auto one = open_training_scenes(t);
    t.scenes.push_back(t.scenes[0]);
    t.labels.push_back(t.labels[0]);
    const auto two = open_training_scenes(t);
    const auto single = json::parse(one.card.prepare[0].parameters),
               pooled = json::parse(two.card.prepare[0].parameters);
    for (std::size_t band = 0; band < one.card.bands.size(); ++band) {
        EXPECT_NEAR(single["mean"][band].get<double>(), pooled["mean"][band].get<double>(), 1e-12);
        EXPECT_NEAR(single["std"][band].get<double>(), pooled["std"][band].get<double>(), 1e-12);
    }
    std::vector<std::string> warnings;
    const Dataset data = load_dataset(t, two, 3, warnings);
    EXPECT_EQ(data.scenes.size(), 2U);
    EXPECT_THAT(warnings, testing::Contains(HasSubstr("1 labelled pixels have no measurement")));
}

TEST_F(Train, SeveralScenesMixInOneTrainingAndOneCanBeHeldOut) {
    auto t = definition_in(folder_);
    t.scenes.push_back(t.scenes[0]);
    t.labels.push_back(t.labels[0]);
    t.split = {};
    t.split.by = "given";
    t.split.test = {1};
    const auto result = train(t, options_);
    EXPECT_EQ(json::parse(result.accuracy)["test"]["pixels"], 32 * 31 - 1) << "the whole second scene";
    for (const auto& pixel : result.judged) ASSERT_EQ(pixel.scene, 1);
    const auto said = json::parse(read_model_card(t.output).training);
    EXPECT_EQ(said["scenes"].size(), 2U);
    EXPECT_EQ(said["pixels"]["training"], 32 * 31 - 1);
    t.split.by = "tiles";
    t.split.test = {3, 16 + 5};  // Numbers go on from scene to scene.
    t.split.tile = 8;
    t.output = folder_.file("mixed");
    options_.work = folder_.file("mixed-work");
    EXPECT_EQ(json::parse(train(t, options_).accuracy)["test"]["pixels"], 56 + 64);
}

TEST_F(Train, PatchesBeyondTheBorderRepeatTheEdgeAndGapsHoldZero) {
    const auto t = definition_in(folder_);
    std::vector<std::string> warnings;
    const Dataset data = load_dataset(t, open_training_scenes(t), 5, warnings);
    const auto& scene = data.scenes[0];
    for (int band = 0; band < data.bands; ++band) {
        EXPECT_EQ(scene.spectrum(-2, 7)[band], scene.spectrum(0, 7)[band]);
        EXPECT_EQ(scene.spectrum(33, 33)[band], scene.spectrum(31, 31)[band]);
        EXPECT_EQ(scene.spectrum(0, 0)[band], 0);
    }
    std::vector<float> patch(data.patch_size());
    data.cut({0, 10, 20, 0, Role::training}, patch);
    EXPECT_EQ(patch[12], scene.spectrum(10, 20)[0]);
    EXPECT_EQ(patch[25 + 0], scene.spectrum(8, 18)[1]);
    EXPECT_EQ(patch[4], scene.spectrum(12, 18)[0]);
}

}  // namespace
}  // namespace spectile::training
