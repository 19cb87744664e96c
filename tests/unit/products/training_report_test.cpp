#include "products/training_report.hpp"

#include <gmock/gmock.h>
#include <ogr_srs_api.h>

#include "products/accuracy_report.hpp"
#include "products/pixel_area.hpp"
#include "products/quicklook.hpp"
#include "products/report_sections.hpp"
#include "products_fixture.hpp"

namespace spectile::products {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kAccuracy = R"({"overall_accuracy": 0.75, "average_accuracy": 0.7, "kappa": 0.5,
    "mean_iou": 0.4, "per_class": [
    {"value": 1, "name": "<water>", "support": 30, "precision": 0.9, "recall": 0.8, "f1": 0.85, "iou": 0.7},
    {"value": 2, "name": "soil", "support": 10, "precision": null, "recall": 0.6, "f1": null, "iou": 0.1}],
    "confusion": [[24, 6], [4, 6]], "pixels": 40, "unpredicted": 0})";

const std::string kRecord = R"({"training": {"split": {"by": "tiles"}}, "trials": [
    {"fold": 0, "seed": 7, "epoch": 2, "curve": [[1, 2.0, 0.5, 0.4, 0.3], [2, 1.0, 0.7, 0.6, 0.5]]},
    {"fold": 1, "seed": 7, "epoch": 1, "curve": [[1, 1.5, 0.6, 0.5, 0.4], [2, 0.5, 0.8, 0.7, 0.6]]}]})";

TEST(ReportParts, TheConfusionMatrixIsShadedByShareOfTheTruth) {
    const auto table = confusion_table(kAccuracy);
    EXPECT_THAT(table, HasSubstr("var(--accent) 56%"));  // 24 of 30, of at most 70 %
    EXPECT_THAT(table, HasSubstr("var(--second) 14%"));  // 6 of 30
    EXPECT_THAT(table, HasSubstr("&lt;water&gt;"));
    EXPECT_EQ(confusion_table("{}"), "");
}

TEST(ReportParts, CurvesStandAtTheirEpochsAndValues) {
    const auto plots = curve_plots(kRecord);
    EXPECT_THAT(plots, HasSubstr("fold 0, seed 7"));
    // Epoch 1 at the left, 2 at the right; loss 2 at the top, 1 halfway down.
    EXPECT_THAT(plots, HasSubstr(R"(points="46.0,14.0 470.0,102.0 ")"));
    EXPECT_THAT(plots, HasSubstr("Overall accuracy on validation"));
    const auto without =
        curve_plots(R"({"trials": [{"fold": -1, "seed": 1, "epoch": 1, "curve": [[1, 2.0, 0.5, 0, 0]]}]})");
    EXPECT_THAT(without, Not(HasSubstr("validation"))) << "nothing to draw";
    EXPECT_THAT(without, HasSubstr("<title>seed 1</title>"));
}

TEST(ReportParts, AnAccuracyByRoleShowsTheTest) {
    const auto tables = accuracy_tables(R"({"seeds": [], "test": )" + kAccuracy + "}");
    EXPECT_THAT(tables, HasSubstr("On test pixels"));
    EXPECT_THAT(tables, HasSubstr("0.75"));
}

TEST(ReportParts, SpreadShowsMeanScatterAndSeeds) {
    const auto table = spread_table(
        R"({"kappa": {"mean": 0.5, "scatter": 0.01, "by_seed": [0.49, 0.51]},
            "mean_iou": {"mean": 0.4, "scatter": null, "by_seed": [0.4]}})");
    EXPECT_THAT(table, HasSubstr("0.0100"));
    EXPECT_THAT(table, HasSubstr("0.4900 0.5100"));
    EXPECT_THAT(table, HasSubstr("–"));
}

struct TrainingPage : testing::Test {
    ScratchFolder folder;
    std::string scene() {
        RasterFormat format;
        auto job = job_of<std::uint8_t>(
            folder, {40, 20, {}}, format, 128, 256,
            [](int, std::int64_t row, std::int64_t col) { return static_cast<std::uint8_t>(row + col); },
            "scene.tif");
        return assemble(job).partial_path;
    }
};

TEST_F(TrainingPage, ShowsFiguresPicturesAndCurvesAndHoldsEverythingItself) {
    TrainingReport report{.title = "Training: <x>",
                          .summary = "s",
                          .warnings = {"it leaks"},
                          .classes = {{1, "<water>", {0, 0, 255}}, {2, "soil", {90, 60, 0}}},
                          .scenes = {{.name = scene(),
                                      .open_options = {},
                                      .bands = {1, 1, 1},
                                      .width = 40,
                                      .height = 20,
                                      .pixels = {{0, 3, 4, 1, 1}, {0, 5, 6, 1, 2}}}},
                          .accuracy = R"({"test": )" + kAccuracy + R"(, "seeds": []})",
                          .record = kRecord};
    const auto page = training_html(report);
    for (const char* part : {"Training: &lt;x&gt;", "it leaks", "Test pixels", "Curves", "split.by",
                             "Green right, red wrong", "&lt;water&gt;"})
        EXPECT_THAT(page, HasSubstr(part));
    std::size_t pictures = 0;
    for (auto at = page.find("data:image/png"); at != std::string::npos;
         at = page.find("data:image/png", at + 1))
        ++pictures;
    EXPECT_EQ(pictures, 4U);
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    report.scenes[0].pixels.clear();
    EXPECT_THAT(training_html(report), Not(HasSubstr("data:image"))) << "nothing was judged there";
}

TEST_F(TrainingPage, PixelsAreDrawnWhereTheyLie) {
    const auto picture = draw_pixels(40, 20, {{3, 4, {10, 20, 30}}, {39, 19, {1, 2, 3}}});
    const std::string path = folder / "pixels.png";
    std::ofstream(path, std::ios::binary) << picture.png;
    const auto dataset = open(path);
    ASSERT_EQ(dataset->GetRasterXSize(), 40);
    const auto at = [&](int x, int y) {
        std::array<int, 4> values{};
        EXPECT_EQ(dataset->RasterIO(GF_Read, x, y, 1, 1, values.data(), 1, 1, GDT_Int32, 4, nullptr, 0, 0, 0),
                  CE_None);
        return values;
    };
    EXPECT_THAT(at(3, 4), testing::ElementsAre(10, 20, 30, 255));
    EXPECT_THAT(at(39, 19), testing::ElementsAre(1, 2, 3, 255));
    EXPECT_EQ(at(4, 4)[3], 0);
}

TEST(PixelArea, ComesFromTheCrs) {
    Grid grid{10, 10, {}};
    EXPECT_FALSE(PixelArea(grid).known());
    grid.georeference.has_geotransform = true;
    grid.georeference.geotransform = {13, 0.001, 0, 52, 0, -0.001};
    OGRSpatialReference degrees;
    degrees.importFromEPSG(4326);
    char* wkt = nullptr;
    degrees.exportToWkt(&wkt);
    grid.georeference.crs_wkt = wkt;
    CPLFree(wkt);
    const PixelArea area(grid);
    ASSERT_TRUE(area.known());
    // One thousandth of a degree: 111.19 m by 111.19 m times the cosine of the latitude.
    EXPECT_NEAR(area.of_row(0), 111.19 * 111.19 * std::cos(51.9995 * 0.017453292519943295), 2);
    EXPECT_LT(area.of_row(0), area.of_row(9)) << "cells grow towards the equator";
}

}  // namespace
}  // namespace spectile::products
