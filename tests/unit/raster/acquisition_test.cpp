// When a scene was acquired, as texts and files say it.
#include "raster/acquisition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "raster/open_scene.hpp"
#include "support/raster_files.hpp"

namespace spectile {
namespace {

using namespace testing_raster;

std::string said(const std::string& text) {
    const auto time = acquisition_of_text(text);
    if (!time) return "none";
    return time->begin == time->end ? time->begin : time->begin + " to " + time->end;
}

std::string said_by_scene(const SceneDefinition& definition) {
    const auto time = acquisition_of(open_scene(definition)->info(), definition);
    return time ? time->begin + " to " + time->end : "none";
}

TEST(Acquisition, TextsAreBroughtToUtc) {
    EXPECT_EQ(said("2020-07-01T10:20:30Z"), "2020-07-01T10:20:30Z");
    EXPECT_EQ(said("2020-07-01 10:20:30"), "2020-07-01T10:20:30Z");
    EXPECT_EQ(said("2020-07-01T10:20:30.750Z"), "2020-07-01T10:20:30Z");
    EXPECT_EQ(said("2020-07-01T01:20:30+02:00"), "2020-06-30T23:20:30Z");
    EXPECT_EQ(said("2019-12-31T22:00:00-03:30"), "2020-01-01T01:30:00Z");
    EXPECT_EQ(said("{2020-07-01T10:20:30Z}"), "2020-07-01T10:20:30Z");
    EXPECT_EQ(said("\"2020-07-01T10:20:30Z\""), "2020-07-01T10:20:30Z");
    EXPECT_EQ(said("2020-07-01"), "2020-07-01T00:00:00Z to 2020-07-01T23:59:59Z");
    EXPECT_EQ(said("2020-07-01/2020-07-03"), "2020-07-01T00:00:00Z to 2020-07-03T23:59:59Z");
    for (const char* text :
         {"", "today", "2020-13-01", "2020-02-31", "12", "2020-07-03/2020-07-01", "a/b", "{}"})
        EXPECT_EQ(said(text), "none") << text;
}

TEST(Acquisition, StandsInTheHeaderOfAnEnviScene) {
    const Folder folder;
    write_text(folder / "s.dat", std::string(2 * 2, '\1'));
    const std::string header = "ENVI\nsamples = 2\nlines = 2\nbands = 1\ndata type = 1\ninterleave = bsq\n";
    write_text(folder / "s.hdr", header + "acquisition time = 2011-05-19T09:30:00Z\n");
    SceneDefinition definition;
    definition.paths = {folder / "s.dat"};
    EXPECT_EQ(said_by_scene(definition), "2011-05-19T09:30:00Z to 2011-05-19T09:30:00Z");
    write_text(folder / "s.hdr", header);
    EXPECT_EQ(said_by_scene(definition), "none");
}

TEST(Acquisition, OfSeveralRastersIsFromTheFirstToTheLast) {
    const Folder folder;
    const auto raster = [&](const char* name, const char* item, const char* value, const char* domain) {
        const auto dataset = make_raster(folder / name, {});
        if (value) dataset->SetMetadataItem(item, value, domain);
        return folder / name;
    };
    SceneDefinition definition;
    definition.paths = {raster("after.tif", "ACQUISITIONDATETIME", "2021-07-01 10:00:00", "IMAGERY"),
                        raster("before.tif", "PRODUCT_START_TIME", "2020-07-01T10:00:00.024Z", nullptr)};
    EXPECT_EQ(said_by_scene(definition), "2020-07-01T10:00:00Z to 2021-07-01T10:00:00Z");
    // When the file was written says nothing of the scene, and half of the times is none.
    definition.paths[1] = raster("third.tif", "TIFFTAG_DATETIME", "2022:01:01 00:00:00", nullptr);
    EXPECT_EQ(said_by_scene(definition), "none");
}

}  // namespace
}  // namespace spectile
