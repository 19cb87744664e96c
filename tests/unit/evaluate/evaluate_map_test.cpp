#include "evaluate/evaluate_map.hpp"

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
class EvaluateMap : public testing::Test {
protected:
    EvaluateMap()
        : folder_(std::filesystem::temp_directory_path() /
                  ("spectile-evaluate-" + std::to_string(getpid()))) {
        std::filesystem::create_directories(folder_);
    }
    ~EvaluateMap() override { std::filesystem::remove_all(folder_); }

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

    MapEvaluation evaluation() const {
        MapEvaluation e;
        e.product = map();
        e.truth.path = truth();
        e.truth.ignore = 9;
        return e;
    }

    std::string message_of(const MapEvaluation& e, Code code) const {
        try {
            (void)evaluate_map(e);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), code) << error.what();
            return error.what();
        }
        return "no error";
    }

    std::filesystem::path folder_;
};

TEST_F(EvaluateMap, CountsPixelsWithTruthAndPredictionAndTakesNamesFromTheProduct) {
    const Accuracy a = evaluate_map(evaluation()).accuracy;
    EXPECT_EQ(a.count, 14U);
    EXPECT_EQ(a.unpredicted, 1U);
    EXPECT_DOUBLE_EQ(a.overall, 12.0 / 14);
    ASSERT_EQ(a.per_class.size(), 2U);
    EXPECT_EQ(a.per_class[0].name, "water");
    EXPECT_THAT(a.confusion[0], ElementsAre(5, 1));
    EXPECT_THAT(a.confusion[1], ElementsAre(1, 7));
}

TEST_F(EvaluateMap, OnlyTheSquaresAskedForAreJudged) {
    auto e = evaluation();
    e.tile_size = 2;
    e.tiles = {1};
    EXPECT_EQ(evaluate_map(e).accuracy.count, 4U);
    EXPECT_EQ(evaluate_map(e).accuracy.overall, 1);
    e.tiles = {0, 3};
    EXPECT_EQ(evaluate_map(e).accuracy.count, 8U);
    EXPECT_DOUBLE_EQ(evaluate_map(e).accuracy.overall, 6.0 / 8);
}

TEST_F(EvaluateMap, AMaskLeavesPixelsOut) {
    auto e = evaluation();
    e.mask = write("mask", 4, {1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    const Accuracy a = evaluate_map(e).accuracy;
    EXPECT_EQ(a.count, 4U);
    EXPECT_EQ(a.unpredicted, 0U);
}

TEST_F(EvaluateMap, AreasAreThoseOfTheMapWhereItIsJudged) {
    const auto whole = evaluate_map(evaluation()).weighted;
    EXPECT_EQ(whole.unit, "pixels") << "no georeference";
    EXPECT_DOUBLE_EQ(whole.per_class[0].mapped, 7);
    EXPECT_DOUBLE_EQ(whole.per_class[1].mapped, 8);
    auto e = evaluation();
    e.mask = write("mask", 4, {1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    const auto masked = evaluate_map(e).weighted;
    EXPECT_DOUBLE_EQ(masked.per_class[0].mapped, 2);
    EXPECT_DOUBLE_EQ(masked.per_class[1].mapped, 2);
}

TEST_F(EvaluateMap, HectaresComeFromTheGridWhereItHasOne) {
    auto e = evaluation();
    e.product = write("placed", 4, {1, 1, 2, 2, 1, 2, 2, 2, 1, 1, 2, 1, 0, 1, 2, 2},
                      "data ignore value = 0\nmap info = {UTM, 1, 1, 360000, 5800000, 30, 30, 33, North, "
                      "WGS-84}\n");
    const auto projected = evaluate_map(e).weighted;
    EXPECT_EQ(projected.unit, "ha");
    EXPECT_NEAR(projected.per_class[1].mapped, 8 * 0.09, 1e-12);
    e.product = write("degrees", 4, {1, 1, 2, 2, 1, 2, 2, 2, 1, 1, 2, 1, 0, 1, 2, 2},
                      "data ignore value = 0\nmap info = {Geographic Lat/Lon, 1, 1, 13, 52, 0.001, 0.001, "
                      "WGS-84}\n");
    e.truth.path = e.product;
    const auto degrees = evaluate_map(e).weighted;
    EXPECT_EQ(degrees.unit, "ha");
    // 111.2 m by 111.2 m times the cosine of the latitude.
    EXPECT_NEAR(degrees.per_class[1].mapped, 8 * 0.1112 * 0.1112 * 0.6157 * 100, 0.02);
}

/// Four polygons over the map, in UTM coordinates.
std::string write_features(const std::filesystem::path& folder) {
    const auto path = (folder / "fields.geojson").string();
    const auto polygon = [](const char* name, int left, int top, int right, int bottom) {
        std::string text = R"({"type":"Feature","properties":{"class":")" + std::string(name) +
                           R"("},"geometry":{"type":"Polygon","coordinates":[[)";
        const int corners[5][2] = {{left, top}, {right, top}, {right, bottom}, {left, bottom}, {left, top}};
        for (int i = 0; i < 5; ++i)
            text += std::string(i ? "," : "") + "[" + std::to_string(360000 + 30 * corners[i][0]) + "," +
                    std::to_string(5800000 - 30 * corners[i][1]) + "]";
        return text + "]]}}";
    };
    std::ofstream(path)
        << R"({"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::32633"}},"features":[)"
        << polygon("water", 0, 0, 2, 3) << "," << polygon("soil", 2, 0, 4, 2) << ","
        << polygon("water", 2, 2, 4, 4) << "," << polygon("soil", 0, 3, 1, 4) << "]}";
    return path;
}

TEST_F(EvaluateMap, AFeatureCountsOnceByTheClassOfMostOfItsPixels) {
    auto e = evaluation();
    e.product =
        write("placed", 4, {1, 1, 2, 2, 1, 2, 2, 2, 1, 1, 2, 1, 0, 1, 2, 2},
              "classes = 3\nclass names = {none, water, soil}\ndata ignore value = 0\nmap info = {UTM, 1, "
              "1, 360000, 5800000, 30, 30, 33, North, WGS-84}\n");
    e.truth = {.path = write_features(folder_), .attribute = "class", .ignore = 9};
    e.features = true;
    const auto result = evaluate_map(e);
    EXPECT_EQ(result.accuracy.count, 3U);
    EXPECT_EQ(result.accuracy.unpredicted, 1U) << "the last feature lies over nodata";
    EXPECT_THAT(result.accuracy.confusion[0], ElementsAre(1, 1));
    EXPECT_THAT(result.accuracy.confusion[1], ElementsAre(0, 1));
    EXPECT_THAT(to_json(result), HasSubstr("\"counted\": \"features\""));
    e.features = false;
    EXPECT_EQ(evaluate_map(e).accuracy.count, 6U + 4 + 4);
}

TEST_F(EvaluateMap, AVectorProductIsJudgedOnTheGridOfTheTruth) {
    auto e = evaluation();
    e.truth.path =
        write("placed", 4, {1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 1, 1, 9, 1, 2, 2},
              "classes = 3\nclass names = {none, water, soil}\nmap info = {UTM, 1, 1, 360000, 5800000, "
              "30, 30, 33, North, WGS-84}\n");
    e.product = write_features(folder_);
    e.attribute = "class";
    const auto a = evaluate_map(e).accuracy;
    EXPECT_EQ(a.count, 14U);
    EXPECT_EQ(a.unpredicted, 1U) << "no feature covers it";
    EXPECT_DOUBLE_EQ(a.overall, 12.0 / 14);
    e.truth = {.path = e.product, .attribute = "class"};
    EXPECT_THAT(message_of(e, Code::usage), HasSubstr("both vectors"));
}

TEST_F(EvaluateMap, MistakesAreNamed) {
    auto e = evaluation();
    e.tiles = {4};
    EXPECT_THAT(message_of(e, Code::usage), HasSubstr("--tile-size"));
    e.tile_size = 2;
    EXPECT_THAT(message_of(e, Code::usage), HasSubstr("there is no tile 4"));
    e = evaluation();
    e.features = true;
    EXPECT_THAT(message_of(e, Code::usage), HasSubstr("only a vector has features"));
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
