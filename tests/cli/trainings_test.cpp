#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr int kSide = 24;

/// Numbers between -1 and 1, the same every time.
double scatter() {
    static std::uint32_t state = 12345;
    state = state * 1664525U + 1013904223U;
    return static_cast<double>(state >> 8) / (1 << 23) - 1;
}

template <typename T>
void write_envi(const std::string& path, const std::vector<T>& values, int bands, int type) {
    std::ofstream(path + ".dat", std::ios::binary)
        .write(reinterpret_cast<const char*>(values.data()),
               static_cast<std::streamsize>(values.size() * sizeof(T)));
    std::ofstream(path + ".hdr") << "ENVI\nsamples = " << kSide << "\nlines = " << kSide
                                 << "\nbands = " << bands
                                 << "\nheader offset = 0\nfile type = ENVI Standard\ndata type = " << type
                                 << "\ninterleave = bsq\nbyte order = 0\n"
                                 << "map info = {UTM, 1, 1, 360000, 5800000, 30, 30, 33, North, WGS-84}\n";
}

/// A small scene of `bands` bands in which each of `classes` classes has a peak of its own, with labels for
/// training in its left half and for the test in its right one.
void write_stand_in(const std::string& folder, int bands, int classes) {
    std::filesystem::create_directories(folder);
    const auto class_at = [&](int x, int y) { return (x / 2 + 5 * (y / 2)) % classes + 1; };
    std::vector<float> values;
    for (int band = 0; band < bands; ++band)
        for (int y = 0; y < kSide; ++y)
            for (int x = 0; x < kSide; ++x) {
                const double width = static_cast<double>(bands) / classes;
                const double distance = (band - (class_at(x, y) - 0.5) * width) / width;
                values.push_back(
                    static_cast<float>(0.2 + 0.3 * std::exp(-distance * distance) + 0.02 * scatter()));
            }
    std::vector<std::uint8_t> train, test, all;
    for (int y = 0; y < kSide; ++y)
        for (int x = 0; x < kSide; ++x) {
            const auto value = static_cast<std::uint8_t>(class_at(x, y));
            train.push_back(x < kSide / 2 ? value : 0);
            test.push_back(x < kSide / 2 ? 0 : value);
            all.push_back(value);
        }
    write_envi(folder + "/raw", values, bands, 4);
    write_envi(folder + "/raw_train", train, 1, 1);
    write_envi(folder + "/raw_test", test, 1, 1);
    write_envi(folder + "/labels", all, 1, 1);
    gdal({"gdal_translate", "-q", folder + "/raw.dat", folder + "/scene.tif"});
    gdal({"gdal_translate", "-q", folder + "/raw_train.dat", folder + "/train.tif"});
    gdal({"gdal_translate", "-q", folder + "/raw_test.dat", folder + "/test.tif"});
}

/// Name of a ready definition, and the shape of its data.
struct Ready {
    std::string name;
    int bands, classes;
};

class ReadyDefinition : public testing::TestWithParam<Ready> {};

TEST_P(ReadyDefinition, TrainsOnDataOfItsShape) {
    const auto& [name, bands, classes] = GetParam();
    const Folder folder;
    write_stand_in(folder / name, bands, classes);
    ASSERT_EQ(setenv("SPECTILE_DATA", (folder / ".").c_str(), 1), 0);
    const auto outcome =
        run_spectile({"train", SPECTILE_SOURCE_DIR "/pipelines/trainings/" + name + ".yaml", "--json",
                      "--set", "output=" + folder / "model", "--set", "recipe.epochs=6", "--set",
                      "recipe.learning_rate=0.01", "--set", "seeds=[1, 2]"},
                     600);
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto accuracy = json::parse(outcome.out)["accuracy"];
    EXPECT_EQ(accuracy["test"]["pixels"], kSide * kSide / 2);
    EXPECT_EQ(accuracy["test"]["per_class"].size(), static_cast<std::size_t>(classes));
    EXPECT_GT(accuracy["test"]["overall_accuracy"], 0.6) << "far above one of " << classes;
    EXPECT_EQ(accuracy["spread"]["test"]["kappa"]["by_seed"].size(), 2U);
    const auto card = text_of(folder / "model/model.yaml");
    EXPECT_THAT(card, HasSubstr("bands: " + std::to_string(bands)));
    EXPECT_THAT(card, HasSubstr("classes: " + std::to_string(classes)));
    EXPECT_THAT(text_of(folder / "model/report.html"), HasSubstr("Test pixels"));
}

INSTANTIATE_TEST_SUITE_P(Paper, ReadyDefinition,
                         testing::Values(Ready{"houston2013", 144, 15}, Ready{"longkou", 270, 9},
                                         Ready{"botswana", 145, 14}, Ready{"augsburg", 180, 7}),
                         [](const auto& test) { return test.param.name; });

TEST(PaperTable, OneCommandGivesARowForEachVariantOfTheDataThatAreThere) {
    const Folder folder;
    write_stand_in(folder / "augsburg", 180, 7);
    ASSERT_EQ(setenv("SPECTILE_DATA", (folder / ".").c_str(), 1), 0);
    const auto outcome = run({SPECTILE_SOURCE_DIR "/pipelines/trainings/paper_table.sh", built("spectile"),
                              folder / "out", "--set", "recipe.epochs=1", "--set", "seeds=[1, 2]"},
                             600);
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out, testing::ContainsRegex("augsburg +pixel +0[.][0-9]+ ± 0[.][0-9]+ "));
    EXPECT_THAT(outcome.out, testing::ContainsRegex("augsburg +patch +0[.][0-9]+ ± 0[.][0-9]+ "));
    EXPECT_THAT(outcome.err, HasSubstr("botswana: there is no"));
}

/// A cross-validation of the stand-in by squares of 8 pixels, in three folds.
std::string write_folds(const Folder& folder) {
    write_stand_in(folder / "data", 12, 3);
    return folder.write("folds.yaml",
                        "spectile: 1\noutput: result\narchitecture: spectral_mamba\n"
                        "parameters: {patch_size: 1, piece_len: 4, d_model: 8, d_state: 4}\n"
                        "scene: data/raw.hdr\nlabels: {path: data/labels.hdr, ignore: 0}\n"
                        "classes: [one, two, <three>]\nprepare: [{standardise: {from: scene}}]\n"
                        "split: {by: tiles, tile: 8, folds: 3, validation_tiles: 1}\nseeds: [1, 2]\n"
                        "recipe: {epochs: 4, learning_rate: 0.02}\n");
}

TEST(CrossValidationCommand, WritesFiguresAndAPageThatHoldsEverything) {
    const Folder folder;
    const auto outcome = run_spectile({"train", write_folds(folder), "--json"}, 300);
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto printed = json::parse(outcome.out);
    EXPECT_EQ(printed["result"], folder / "result");
    EXPECT_EQ(printed["accuracy"], json::parse(text_of(folder / "result/accuracy.json")));
    EXPECT_EQ(printed["accuracy"]["test"]["pooled"]["pixels"], 2 * kSide * kSide);
    EXPECT_THAT(text_of(folder / "result/accuracy.txt"), HasSubstr("overall accuracy by fold:"));
    const auto page = text_of(folder / "result/report.html");
    for (const char* part : {"Test pixels, all folds and seeds", "Scatter", "fold 2, seed 2", "Truth \\ map",
                             "Overall accuracy on validation", "Green right, red wrong", "&lt;three&gt;"})
        EXPECT_THAT(page, HasSubstr(part));
    for (const char* outside : {"<script", "http://", "https://", "src=\"/"})
        EXPECT_THAT(page, testing::Not(HasSubstr(outside)));
    EXPECT_FALSE(std::filesystem::exists(folder / "result/model.yaml"));
    EXPECT_EQ(run_spectile({"train", folder / "folds.yaml"}).status, 73)
        << "a result is not replaced unasked";
    const auto again = run_spectile({"train", folder / "folds.yaml", "--overwrite", "--json"}, 300);
    EXPECT_EQ(json::parse(again.out)["accuracy"], printed["accuracy"]) << "from the checkpoints";
    EXPECT_THAT(again.err, testing::Not(HasSubstr("epoch")));
}

TEST(CrossValidationCommand, LeavesTheTestUnreadWhereARecipeIsChosen) {
    const Folder folder;
    const auto outcome =
        run_spectile({"train", write_folds(folder), "--no-test", "--folds", "0,2", "--json"}, 300);
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto accuracy = json::parse(outcome.out)["accuracy"];
    EXPECT_TRUE(accuracy["test"].is_null());
    EXPECT_EQ(accuracy["validation"]["pooled"]["pixels"], 2 * 2 * 64);
    EXPECT_EQ(run_spectile({"train", folder / "folds.yaml", "--overwrite", "--folds", "3"}).status, 64);
}

/// SpectralGPT on the stand-in, its left half for training: with a side of 16 the windows overlap.
std::string write_segmentation(const Folder& folder,
                               const std::string& prepare = "standardise: {from: scene}") {
    write_stand_in(folder / "data", 12, 3);
    return folder.write("water.yaml",
                        "spectile: 1\noutput: model\narchitecture: spectral_gpt\n"
                        "parameters: {side: 16, embed: 24, depth: 2, heads: 3, head_channels: 128, "
                        "head_width: 16}\n"
                        "scene: data/scene.tif\nlabels: {path: data/train.tif, test: data/test.tif, "
                        "ignore: 0}\n"
                        "classes: [one, two, three]\nprepare: [{" +
                            prepare +
                            "}]\n"
                            "split: {by: given}\n"
                            "recipe: {epochs: 6, crops: 8, batch: 4, learning_rate: 0.003, keep: last, "
                            "drop_path: 0.1, dropout: 0.1, augmentation: {flips: true, turns: true}}\n");
}

class ScenePreparation : public testing::TestWithParam<const char*> {};

TEST_P(ScenePreparation, TheCardsFiguresAreThoseOfTheMapThatARunMakes) {
    const Folder folder;
    const auto trained = run_spectile({"train", write_segmentation(folder, GetParam()), "--json"}, 300);
    ASSERT_EQ(trained.status, 0) << trained.err;
    const auto promised = json::parse(trained.out)["accuracy"]["test"];
    EXPECT_EQ(promised["pixels"], kSide * kSide / 2);
    ASSERT_EQ(
        run_spectile({"segment", folder / "data/scene.tif", "-m", folder / "model", "-o", folder / "map.tif"})
            .status,
        0);
    const auto judged = run_spectile({"evaluate", folder / "map.tif", folder / "data/test.tif", "--json"});
    ASSERT_EQ(judged.status, 0) << judged.err;
    EXPECT_EQ(json::parse(judged.out)["confusion"], promised["confusion"]);
    EXPECT_THAT(text_of(folder / "model/model.yaml"), HasSubstr("pixels_with_held_back_surroundings"));
}

INSTANTIATE_TEST_SUITE_P(Every, ScenePreparation,
                         testing::Values("standardise: {from: scene}", "min_max: {from: tile}"),
                         [](const auto& test) { return test.index == 0 ? "OfTheScene" : "OfEachWindow"; });

TEST(SceneTrainingCommand, RefusesKeysThatItDoesNotKnowByLine) {
    const Folder folder;
    const auto file = write_segmentation(folder);
    const auto unknown = run_spectile({"train", file, "--set", "recipe.droppath=0.1"});
    EXPECT_EQ(unknown.status, 78) << unknown.err;
    EXPECT_THAT(unknown.err, HasSubstr("drop_path"));
    const auto other = run_spectile({"train", file, "--set", "parameters.classes=4"});
    EXPECT_EQ(other.status, 78) << other.err;
    EXPECT_THAT(other.err, HasSubstr("parameters.classes: is 4, but 3 classes are listed"));
}

TEST(EvaluateCommand, WritesAPageWithConfidenceIntervals) {
    const Folder folder;
    write_stand_in(folder / "data", 2, 3);
    const auto outcome = run_spectile({"evaluate", folder / "data/labels.dat", folder / "data/test.tif",
                                       "--html", folder / "accuracy.html", "--json"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto weighted = json::parse(outcome.out)["area_weighted"];
    EXPECT_EQ(weighted["unit"], "ha");
    EXPECT_NEAR(weighted["area"].get<double>(), kSide * kSide * 0.09, 1e-9);
    EXPECT_EQ(weighted["overall_accuracy"]["value"], 1.0);
    const auto page = text_of(folder / "accuracy.html");
    for (const char* part : {"Confusion matrix", "Weighted by area", "95 % confidence", "data:image/png"})
        EXPECT_THAT(page, HasSubstr(part));
    EXPECT_THAT(run_spectile({"evaluate", folder / "data/labels.dat", folder / "data/test.tif"}).out,
                HasSubstr("weighted by area (95 % confidence): overall accuracy 1.0000"));
}

}  // namespace
}  // namespace spectile::test
