// Scores of targets in files, judged singly and by folders.
#include "evaluate/evaluate_targets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "spectile/error.hpp"

namespace spectile::evaluate {
namespace {

using testing::HasSubstr;

/// Scores and masks as small float32 ENVI files.
class EvaluateTargets : public testing::Test {
protected:
    EvaluateTargets()
        : folder_(std::filesystem::temp_directory_path() / ("spectile-targets-" + std::to_string(getpid()))) {
        std::filesystem::create_directories(folder_ / "scores");
        std::filesystem::create_directories(folder_ / "masks");
    }
    ~EvaluateTargets() override { std::filesystem::remove_all(folder_); }

    std::string write(const std::string& name, int width, const std::vector<float>& pixels) const {
        const auto path = (folder_ / (name + ".img")).string();
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char*>(pixels.data()),
                   static_cast<std::streamsize>(pixels.size() * sizeof(float)));
        std::ofstream(folder_ / (name + ".hdr"))
            << "ENVI\nsamples = " << width << "\nlines = " << pixels.size() / static_cast<std::size_t>(width)
            << "\nbands = 1\nheader offset = 0\nfile type = ENVI Standard\ndata type = 4\ninterleave = bsq\n"
               "byte order = 0\n";
        return path;
    }

    std::filesystem::path folder_;
};

TEST_F(EvaluateTargets, GivesFiguresOfAllAndOfEachImageAndTheCurve) {
    // One target of two pixels of which one is found, and beside it a false one; then an image without
    // anything.
    write("scores/a", 6, {0.9F, 0.2F, 0, 0, 0, 0.7F});
    write("masks/a_mask", 6, {1, 1, 0, 0, 0, 0});
    write("scores/b", 2, {0.1F, 0.3F});
    write("masks/b_mask", 2, {0, 0});
    const auto result = evaluate_targets(
        {.product = folder_ / "scores", .truth = folder_ / "masks", .truth_suffix = "_mask"});
    EXPECT_EQ(result.all.images, 2);
    EXPECT_DOUBLE_EQ(result.all.iou(), 1.0 / 3);
    EXPECT_DOUBLE_EQ(result.all.pd(), 1);
    EXPECT_DOUBLE_EQ(result.all.fa(), 1e6 / 8);
    ASSERT_EQ(result.images.size(), 2u);
    EXPECT_EQ(result.images[0].stem, "a");
    ASSERT_EQ(result.roc.size(), 101u);
    // Above 0.5: one of two target pixels, one of six others; above 0.8 only the former; above 0 five are
    // marked.
    EXPECT_DOUBLE_EQ(result.roc[50].true_positive_rate, 0.5);
    EXPECT_DOUBLE_EQ(result.roc[50].false_positive_rate, 1.0 / 6);
    EXPECT_DOUBLE_EQ(result.roc[80].false_positive_rate, 0);
    EXPECT_DOUBLE_EQ(result.roc[0].false_positive_rate, 0.5);
    const auto json = nlohmann::json::parse(to_json(result));
    EXPECT_EQ(json["roc"].size(), 101u);
    EXPECT_EQ(json["roc"][50][1], 0.5);
    EXPECT_EQ(json["per_image"][1]["image"], "b");
    // Of the first image alone: its best threshold has one of two targets and none of four others.
    EXPECT_EQ(json["per_image"][0]["roc"][80][1], 0.5);
    EXPECT_EQ(json["per_image"][0]["roc"][80][2], 0);
    EXPECT_TRUE(json["per_image"][0]["roc_area"].is_number());
    EXPECT_TRUE(json["per_image"][1]["roc_area"].is_null()) << "no target, no curve";
}

TEST_F(EvaluateTargets, BothAreBroughtToOneSizeWhereThatIsAskedFor) {
    // Four by four pixels of score and two by two of truth say the same.
    const auto scores = write("scores/a", 4, {1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}),
               mask = write("masks/a", 2, {1, 0, 0, 0});
    const auto whole = evaluate_targets({.product = scores, .truth = mask, .size = 4});
    EXPECT_EQ(whole.all.pixels, 16);
    EXPECT_DOUBLE_EQ(whole.all.iou(), 1);
    EXPECT_EQ(evaluate_targets({.product = scores, .truth = mask, .size = 8}).all.pixels, 64);
    EXPECT_DOUBLE_EQ(evaluate_targets({.product = scores, .truth = mask, .size = 2}).all.iou(), 1);
}

TEST_F(EvaluateTargets, AMaskOfAnotherSizeIsRefusedAndBothAreNamed) {
    const auto scores = write("scores/a", 3, {0, 0, 0}), mask = write("masks/a", 2, {0, 0});
    try {
        evaluate_targets({.product = scores, .truth = mask});
        FAIL() << "accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::scene);
        EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("has 3x1 pixels"), HasSubstr("has 2x1")));
    }
}

TEST_F(EvaluateTargets, AProductWithoutTruthIsNamed) {
    write("scores/a", 1, {0});
    try {
        evaluate_targets({.product = folder_ / "scores", .truth = folder_ / "masks"});
        FAIL() << "accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::missing);
        EXPECT_THAT(error.what(), HasSubstr("a.img"));
    }
}

}  // namespace
}  // namespace spectile::evaluate
