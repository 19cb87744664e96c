#include "evaluate/evaluate_raster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "spectile/error.hpp"

namespace spectile::evaluate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Small ENVI class maps, written by hand: 1 m pixels, origin (0, 8).
class EvaluateRaster : public testing::Test {
protected:
    EvaluateRaster()
        : folder_(std::filesystem::temp_directory_path() /
                  ("spectile-evaluate-" + std::to_string(getpid()))) {
        std::filesystem::create_directories(folder_);
    }
    ~EvaluateRaster() override { std::filesystem::remove_all(folder_); }

    std::string write(const std::string& name, int width, const std::vector<unsigned char>& pixels,
                      const std::string& more = "", int data_type = 1) const {
        const auto path = (folder_ / (name + ".dat")).string();
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char*>(pixels.data()), static_cast<std::streamsize>(pixels.size()));
        const std::size_t bytes = data_type == 4 ? 4 : 1;
        std::ofstream(folder_ / (name + ".hdr"))
            << "ENVI\nsamples = " << width
            << "\nlines = " << pixels.size() / bytes / static_cast<std::size_t>(width)
            << "\nbands = 1\nheader offset = 0\nfile type = ENVI Classification\ndata type = " << data_type
            << "\ninterleave = bsq\nbyte order = 0\n"
            << more;
        return path;
    }

    /// Left half 1, right half 2, but for one pixel of each that is wrong and one without data.
    std::string map() const {
        return write("map", 4, {1, 1, 2, 2, 1, 2, 2, 2, 1, 1, 2, 1, 0, 1, 2, 2},
                     "classes = 3\nclass names = {none, water, soil}\ndata ignore value = 0\n");
    }
    std::string truth() const { return write("truth", 4, {1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2, 1, 9, 2, 2}); }

    RasterEvaluation evaluation() const {
        RasterEvaluation e;
        e.product = map();
        e.truth.path = truth();
        e.truth.ignore = 9;
        return e;
    }

    std::string message_of(const RasterEvaluation& e, Code code) const {
        try {
            (void)evaluate_raster(e);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), code) << error.what();
            return error.what();
        }
        return "no error";
    }

    std::filesystem::path folder_;
};

TEST_F(EvaluateRaster, CountsPixelsWithTruthAndPredictionAndTakesNamesFromTheProduct) {
    const Accuracy a = evaluate_raster(evaluation());
    EXPECT_EQ(a.count, 14U);
    EXPECT_EQ(a.unpredicted, 1U);
    EXPECT_DOUBLE_EQ(a.overall, 12.0 / 14);
    ASSERT_EQ(a.per_class.size(), 2U);
    EXPECT_EQ(a.per_class[0].name, "water");
    EXPECT_THAT(a.confusion[0], ElementsAre(5, 1));
    EXPECT_THAT(a.confusion[1], ElementsAre(1, 7));
}

TEST_F(EvaluateRaster, OnlyTheSquaresAskedForAreJudged) {
    auto e = evaluation();
    e.tile_size = 2;
    e.tiles = {1};
    EXPECT_EQ(evaluate_raster(e).count, 4U);
    EXPECT_EQ(evaluate_raster(e).overall, 1);
    e.tiles = {0, 3};
    EXPECT_EQ(evaluate_raster(e).count, 8U);
    EXPECT_DOUBLE_EQ(evaluate_raster(e).overall, 6.0 / 8);
}

TEST_F(EvaluateRaster, AMaskLeavesPixelsOut) {
    auto e = evaluation();
    e.mask = write("mask", 4, {1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    const Accuracy a = evaluate_raster(e);
    EXPECT_EQ(a.count, 4U);
    EXPECT_EQ(a.unpredicted, 0U);
}

TEST_F(EvaluateRaster, MistakesAreNamed) {
    auto e = evaluation();
    e.tiles = {4};
    EXPECT_THAT(message_of(e, Code::usage), HasSubstr("--tile-size"));
    e.tile_size = 2;
    EXPECT_THAT(message_of(e, Code::usage), HasSubstr("there is no tile 4"));
    e = evaluation();
    e.truth.path = (folder_ / "absent.tif").string();
    EXPECT_THAT(message_of(e, Code::missing), HasSubstr("absent.tif"));
    e = evaluation();
    std::vector<unsigned char> half(64);
    for (std::size_t i = 0; i < half.size(); i += 4) half[i + 3] = 0x3F;  // 0.5 as float32
    e.product = write("half", 4, half, "", 4);
    EXPECT_THAT(message_of(e, Code::scene), HasSubstr("whole numbers"));
}

}  // namespace
}  // namespace spectile::evaluate
