// Training a detector on images and masks, training it on, and finding targets with it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/raster_text.hpp"
#include "cli/spawn.hpp"

namespace spectile::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr int kWidth = 72, kHeight = 64;

/// Numbers between -1 and 1, the same every time.
double scatter() {
    static std::uint32_t state = 815;
    state = state * 1664525U + 1013904223U;
    return static_cast<double>(state >> 8) / (1 << 23) - 1;
}

void write_raw(const Folder& folder, const std::string& name, const std::vector<std::uint8_t>& pixels) {
    const auto raw = folder / "raw.dat";
    std::ofstream(raw, std::ios::binary)
        .write(reinterpret_cast<const char*>(pixels.data()), static_cast<std::streamsize>(pixels.size()));
    std::ofstream(folder / "raw.hdr")
        << "ENVI\nsamples = " << kWidth << "\nlines = " << kHeight
        << "\nbands = 1\nheader offset = 0\nfile type = ENVI Standard\ndata type = 1\n"
           "interleave = bsq\nbyte order = 0\n";
    gdal({"gdal_translate", "-q", "-of", "PNG", raw, folder / name});
    std::filesystem::remove(folder / (name + ".aux.xml"));
}

/// A frame of noise with one bright square of 5 x 5 pixels, and its mask.
void write_frame(const Folder& folder, const std::string& stem, int x, int y) {
    std::vector<std::uint8_t> frame, mask;
    for (int row = 0; row < kHeight; ++row)
        for (int col = 0; col < kWidth; ++col) {
            const bool target = std::abs(col - x) <= 2 && std::abs(row - y) <= 2;
            frame.push_back(static_cast<std::uint8_t>(80 + 20 * scatter() + (target ? 120 : 0)));
            mask.push_back(target ? 255 : 0);
        }
    write_raw(folder, "images/" + stem + ".png", frame);
    write_raw(folder, "masks/" + stem + ".png", mask);
}

/// Twelve frames for training and three for the test; `more` are further keys of the definition.
std::string write_training(const Folder& folder, const std::string& name, const std::string& more) {
    std::filesystem::create_directories(folder / "images");
    std::filesystem::create_directories(folder / "masks");
    std::string training, test;
    for (int i = 0; i < 15; ++i) {
        const auto stem = "frame" + std::to_string(i);
        if (!std::filesystem::exists(folder / ("masks/" + stem + ".png")))
            write_frame(folder, stem, 6 + i * 7 % 60, 6 + i * 11 % 52);
        (i < 12 ? training : test) += stem + '\n';
    }
    folder.write("training.txt", training);
    folder.write("test.txt", test);
    return folder.write(name + ".yaml", "spectile: 1\noutput: " + name +
                                            "\n"
                                            "targets: {images: images, masks: masks, training: training.txt, "
                                            "test: test.txt}\n" +
                                            more);
}

const std::string kFirst =
    "architecture: mim_istd\n"
    "parameters: {bands: 1, tile: 64, sentence_px: 4, word_px: 1, outer: [8, 16, 32, 64], words: [2, 4, 8, "
    "16], depths: [1, 1, 1, 1], layout: spatial}\n"
    "prepare: [{standardise: {mean: [80], std: [20]}}]\n"
    "recipe: {epochs: 8, crops: 6, batch: 4, loss: dice_cross_entropy, optimiser: adamw, learning_rate: "
    "0.003, "
    "weight_decay: 0, target_share: 0.9, augmentation: {flips: true}}\n";

const std::string kSecond =
    "start: first\n"
    "parameters: {tile: 96}\n"
    "recipe: {epochs: 3, batch: 4, loss: soft_iou, optimiser: adamw, learning_rate: 0.0002}\n";

TEST(TargetTrainingCommand, ADetectorIsTrainedThenTrainedOnWithLargerTilesAndFindsTargets) {
    const Folder folder;
    auto outcome = run_spectile({"train", write_training(folder, "first", kFirst), "--json"}, 300);
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto before = json::parse(outcome.out)["accuracy"]["test"];
    EXPECT_GT(before["iou"], 0.4) << outcome.err;
    outcome = run_spectile({"train", write_training(folder, "second", kSecond), "--json"}, 300);
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const auto after = json::parse(outcome.out)["accuracy"]["test"];
    EXPECT_GT(after["iou"], 0.4) << "it went on from what it knew; four epochs from random weights end below";
    const auto card = text_of(folder / "second/model.yaml");
    EXPECT_THAT(card, HasSubstr("tile: 96"));
    EXPECT_THAT(card, HasSubstr("mean: [80"));
    EXPECT_THAT(card, HasSubstr("model: first"));

    outcome = run_spectile(
        {"detect", "-m", folder / "second", "-o", folder / "found.geojson", folder / "images/frame13.png"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_GE(json::parse(text_of(folder / "found.geojson"))["features"].size(), 1U);
}

TEST(TargetTrainingCommand, WhatStartDecidesIsRefusedInOneLine) {
    const Folder folder;
    const std::string few = "recipe: {epochs: 1, batch: 4, moving_average: 0}\n";
    const auto first = kFirst.substr(0, kFirst.find("recipe:")) + few;
    ASSERT_EQ(run_spectile({"train", write_training(folder, "first", first)}, 300).status, 0);
    const auto refused = [&](const std::string& more, const std::string& said) {
        const auto outcome = run_spectile({"train", write_training(folder, "second", more)});
        EXPECT_EQ(outcome.status, 78) << outcome.err;
        EXPECT_THAT(outcome.err, HasSubstr(said));
    };
    refused("start: first\nprepare: [{standardise: {mean: [1], std: [1]}}]\n" + few,
            "prepare: comes from start");
    refused("start: first\narchitecture: spectral_mamba\n" + few, "architecture: is spectral_mamba");
    refused("architecture: spectral_mamba\n" + few, "targets: are learnt by architecture mim_istd");
}

}  // namespace
}  // namespace spectile::test
