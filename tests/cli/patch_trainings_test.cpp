// Training a network that labels whole images, and labelling a scene with it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/interrupted_training.hpp"
#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr int kBands = 6, kSide = 16;
const std::string kShared = SPECTILE_SOURCE_DIR "/../shared/data";

/// Numbers between -1 and 1, the same every time.
double scatter() {
    static std::uint32_t state = 4711;
    state = state * 1664525U + 1013904223U;
    return static_cast<double>(state >> 8) / (1 << 23) - 1;
}

/// A GeoTIFF of tiles side by side, each of which shows some of three things: two bands for each stand out,
/// and how bright a tile is says nothing.
void write_tiles(const Folder& folder, const std::string& name, int across,
                 const std::vector<unsigned>& shown) {
    const int width = across * kSide, height = static_cast<int>(shown.size()) / across * kSide;
    std::vector<double> light;
    for (std::size_t i = 0; i < shown.size(); ++i) light.push_back(1 + 0.5 * scatter());
    std::vector<float> pixels;
    for (int band = 0; band < kBands; ++band)
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x) {
                const auto tile = static_cast<std::size_t>(y / kSide * across + x / kSide);
                const double peak = (shown[tile] >> (band / 2)) & 1U ? 60 : 0;
                pixels.push_back(static_cast<float>(light[tile] * (100 + peak + 8 * scatter())));
            }
    const auto raw = folder / "raw.dat";
    std::ofstream(raw, std::ios::binary)
        .write(reinterpret_cast<const char*>(pixels.data()),
               static_cast<std::streamsize>(pixels.size() * sizeof(float)));
    std::ofstream(folder / "raw.hdr")
        << "ENVI\nsamples = " << width << "\nlines = " << height << "\nbands = " << kBands
        << "\nheader offset = 0\nfile type = ENVI Standard\ndata type = 4\n"
           "interleave = bsq\nbyte order = 0\n"
        << "map info = {UTM, 1, 1, 360000, 5800000, 10, 10, 33, North, WGS-84}\n";
    gdal({"gdal_translate", "-q", raw, folder / name});
}

/// 30 patches, 18 of which train, 6 validate and 6 test. Bits of `shown` are soil, grass and wood.
std::string write_training(const Folder& folder, bool multi_label, int epochs) {
    std::filesystem::create_directories(folder / "patches");
    const std::vector<std::string> names = {"soil", "grass", "wood"};
    std::string index = "path,role,label\n";
    for (unsigned i = 0; i < 30; ++i) {
        const unsigned shown = multi_label ? i % 7 + 1 : 1U << (i % 3);
        const auto file = "patches/" + std::to_string(i) + ".tif";
        write_tiles(folder, file, 1, {shown});
        std::string label;
        for (unsigned c = 0; c < 3; ++c)
            if ((shown >> c) & 1U) label += (label.empty() ? "" : ";") + names[c];
        index += file + (i < 18 ? ",training," : i < 24 ? ",validation," : ",test,") + label + '\n';
    }
    folder.write("patches.csv", index);
    return folder.write(
        "labels.yaml",
        "spectile: 1\nname: things\noutput: \"${OUT}\"\narchitecture: spectral_gpt\n"
        "parameters: {side: 16, embed: 24, depth: 2, heads: 3" +
            std::string(multi_label ? ", multi_label: true" : "") +
            "}\npatches: {index: patches.csv}\nclasses: [soil, grass, wood]\n"
            "prepare: [{standardise: {from: scene}}]\n"
            "recipe: {epochs: " +
            std::to_string(epochs) +
            ", batch: 6, learning_rate: 0.003, validate_every: 5, drop_path: 0.1, crop_scale: 0.5, "
            "augmentation: {flips: true, turns: true}}\n");
}

json labelled_tiles(const Folder& folder, const std::string& more = "") {
    write_tiles(folder, "scene.tif", 3, {1, 2, 4, 3, 7, 6});
    const auto pipeline =
        folder.write("label.yaml",
                     "spectile: 1\nscene: scene.tif\nmodel: model\nproducts:\n  labels: {path: "
                     "out.geojson" +
                         more + "}\n");
    const auto outcome = run_spectile({"run", pipeline});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return json::parse(text_of(folder / "out.geojson"))["features"];
}

TEST(PatchTrainingCommand, TheModelLabelsAWholeSceneAtOnce) {
    const Folder folder;
    const auto definition = write_training(folder, false, 40);
    const auto outcome =
        run_spectile({"train", definition, "--set", "vars.OUT=" + folder / "model", "--json"}, 300);
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto accuracy = json::parse(outcome.out)["accuracy"];
    EXPECT_EQ(accuracy["test"]["patches"], 6);
    EXPECT_GT(accuracy["test"]["overall_accuracy"], 0.8) << "chance is a third";
    const auto page = text_of(folder / "model/report.html");
    for (const char* part : {"Test patches", "Truth \\ map", "Overall accuracy on validation", "Patches"})
        EXPECT_THAT(page, HasSubstr(part));
    EXPECT_THAT(run_spectile({"info", folder / "model"}).out, HasSubstr("accuracy on test: "));
    write_tiles(folder, "scene.tif", 3, {1, 2, 4, 4, 1, 2});
    const auto labelled = run_spectile(
        {"label", folder / "scene.tif", "-m", folder / "model", "-o", folder / "labels.geojson"});
    ASSERT_EQ(labelled.status, 0) << labelled.err;
    const auto tiles = json::parse(text_of(folder / "labels.geojson"))["features"];
    ASSERT_EQ(tiles.size(), 6U);
    const std::vector<std::string> expected = {"soil", "grass", "wood", "wood", "soil", "grass"};
    for (const auto& tile : tiles) {
        const auto& p = tile["properties"];
        const auto at = p["tile_row"].get<std::size_t>() * 3 + p["tile_col"].get<std::size_t>();
        EXPECT_EQ(p["name"], expected[at]) << at;
    }
    EXPECT_EQ(run_spectile({"train", definition, "--set", "vars.OUT=" + folder / "model"}).status, 73)
        << "a model is not replaced unasked";
}

TEST(PatchTrainingCommand, SeveralLabelsToAPatch) {
    const Folder folder;
    const auto definition = write_training(folder, true, 60);
    const auto outcome = run_spectile({"train", definition, "--set", "vars.OUT=" + folder / "model"}, 300);
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out, testing::ContainsRegex("test: average precision 0[.]9.*6 patches|"
                                                    "test: average precision 1[.]0.*6 patches"));
    const auto page = text_of(folder / "model/report.html");
    for (const char* part : {"Test patches", "Micro average precision on validation", "Average precision"})
        EXPECT_THAT(page, HasSubstr(part));
    const auto tiles = labelled_tiles(folder, ", threshold: 0.5");
    ASSERT_EQ(tiles.size(), 6U);
    const std::vector<std::string> expected = {
        "soil", "grass", "wood", "soil; grass", "soil; grass; wood", "grass; wood"};
    int right = 0;
    for (const auto& tile : tiles) {
        const auto& p = tile["properties"];
        right +=
            p["labels"] == expected[p["tile_row"].get<std::size_t>() * 3 + p["tile_col"].get<std::size_t>()];
    }
    EXPECT_GE(right, 5) << "of six, each with one of eight combinations";
}

class InterruptedPatchTraining : public testing::TestWithParam<int> {};

TEST_P(InterruptedPatchTraining, GoesOnToTheSameBytesWithAnotherNumberOfThreads) {
    const Folder folder;
    const auto definition = write_training(folder, false, 40);
    expect_the_same_after(GetParam(), folder, definition,
                          {"weights.safetensors", "model.yaml", "selftest.safetensors"});
}

INSTANTIATE_TEST_SUITE_P(Signals, InterruptedPatchTraining, testing::Values(SIGTERM, SIGKILL),
                         name_of_signal);

/// Eight patches teach nothing: what is tried is that they are read, stacked, learnt from and labelled.
TEST(ReadyPatchDefinition, ReadsBigEarthNetsFoldersOfBands) {
    if (!std::filesystem::exists(kShared + "/bigearthnet_tiny")) GTEST_SKIP() << kShared << " has no patches";
    const Folder folder;
    ASSERT_EQ(setenv("SPECTILE_DATA", kShared.c_str(), 1), 0);
    const auto outcome = run(
        {SPECTILE_SOURCE_DIR "/pipelines/trainings/bigearthnet-labels.sh", built("spectile"), folder / "out",
         "--set", "recipe.epochs=2", "--set", "parameters.side=32", "--set", "parameters.depth=1", "--json"},
        300);
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto test = json::parse(outcome.out)["accuracy"]["test"];
    EXPECT_EQ(test["patches"], 2);
    EXPECT_EQ(test["per_class"].size(), 9U);
    const auto card = text_of(folder / "out/model/model.yaml");
    for (const char* part : {"B8A", "ben_finetune", "multi_label: true", "training: 6"})
        EXPECT_THAT(card, HasSubstr(part));
}

}  // namespace
}  // namespace spectile::test
