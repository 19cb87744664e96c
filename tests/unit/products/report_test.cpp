#include "products/report.hpp"

#include <gmock/gmock.h>
#include <ogr_srs_api.h>

#include "products/pixel_area.hpp"
#include "products/quicklook.hpp"
#include "products_fixture.hpp"

namespace spectile::products {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Band values (alpha last) of one pixel of a picture.
std::array<int, 4> pixel_of(const Quicklook& picture, int col, int row, const ScratchFolder& folder) {
    const std::string path = folder / "picture.png";
    std::ofstream(path, std::ios::binary) << picture.png;
    const auto dataset = open(path);
    EXPECT_EQ(dataset->GetRasterCount(), 4);
    std::array<int, 4> values{};
    EXPECT_EQ(dataset->RasterIO(GF_Read, col, row, 1, 1, values.data(), 1, 1, GDT_Int32, 4, nullptr, 0, 0, 0),
              CE_None);
    return values;
}

struct Report : testing::Test {
    ScratchFolder folder;

    template <typename T>
    std::string raster(const std::string& name, const RasterFormat& format, const Pixel<T>& pixel) {
        auto job = job_of<T>(folder, {200, 100, {}}, format, 128, 256, pixel, name);
        const auto result = assemble(job);
        return result.partial_path;
    }
    std::string class_map() {
        RasterFormat format;
        format.nodata = 0;
        format.colors = {{0, 0, 0, 0}, {255, 0, 0, 255}, {0, 0, 255, 255}};
        format.overviews = OverviewResampling::mode;
        return raster<std::uint8_t>("map.tif", format, [](int, std::int64_t, std::int64_t col) {
            return static_cast<std::uint8_t>(col < 50 ? 0 : col < 150 ? 1 : 2);
        });
    }
};

TEST_F(Report, ClassPicturesHaveTheMapsColoursAndClearNodata) {
    const auto picture = draw_classes(class_map(), 100);
    EXPECT_EQ(picture.width, 100);
    EXPECT_EQ(picture.height, 50);
    EXPECT_THAT(pixel_of(picture, 10, 10, folder), testing::ElementsAre(0, 0, 0, 0));
    EXPECT_THAT(pixel_of(picture, 50, 10, folder), testing::ElementsAre(255, 0, 0, 255));
    EXPECT_THAT(pixel_of(picture, 90, 40, folder), testing::ElementsAre(0, 0, 255, 255));
}

TEST_F(Report, ScenePicturesAreStretchedBetweenPercentiles) {
    RasterFormat format;
    format.type = DataType::UInt16;
    format.nodata = 7;
    const auto path = raster<std::uint16_t>("scene.tif", format, [](int, std::int64_t row, std::int64_t col) {
        if (row == 0) return std::uint16_t{7};
        return col == 199 ? std::uint16_t{60000} : static_cast<std::uint16_t>(1000 + col);
    });
    const auto picture = draw_scene({path});
    EXPECT_EQ(pixel_of(picture, 3, 0, folder)[3], 0);
    EXPECT_THAT(pixel_of(picture, 0, 50, folder), testing::ElementsAre(0, 0, 0, 255));
    EXPECT_THAT(pixel_of(picture, 199, 50, folder), testing::ElementsAre(255, 255, 255, 255));
    EXPECT_NEAR(pixel_of(picture, 99, 50, folder)[0], 127, 3)
        << "the single bright value must not darken the rest";
}

TEST_F(Report, ConfidencePicturesFollowTheRamp) {
    RasterFormat format;
    format.type = DataType::Float32;
    format.nodata = -1;
    const auto path = raster<float>("confidence.tif", format, [](int, std::int64_t row, std::int64_t col) {
        return row == 0 ? -1.0f : static_cast<float>(col) / 199;
    });
    const auto picture = draw_shares(path);
    EXPECT_EQ(pixel_of(picture, 3, 0, folder)[3], 0);
    EXPECT_THAT(pixel_of(picture, 0, 5, folder), testing::ElementsAre(68, 1, 84, 255));
    EXPECT_THAT(pixel_of(picture, 199, 5, folder), testing::ElementsAre(253, 231, 37, 255));
}

TEST_F(Report, HoldsEverythingItselfAndEscapesText) {
    ReportData data;
    data.title = "Map of <script>alert(1)</script> & co";
    data.class_map = class_map();
    data.classes = {{{1, "a < b", {255, 0, 0}}, 10000}, {{2, "\"blue\"", {0, 0, 255}}, 5000}};
    data.pixels_nodata = 5000;
    data.pixel_area_m2 = 100;
    data.bands = {{"red", 640, "band 12", 641.5}, {"swir", 2200, "band 90", 2195}};
    data.warnings = {"units guessed from <values>"};
    data.timings = {{"read", 1.5}, {"infer", 20}};
    data.audit = {{"Nodata", "25 % of the pixels", true}};
    data.accuracy =
        R"({"overall_accuracy": 0.91, "per_class": [{"name": "<i>", "precision": 0.5, "support": 12}]})";
    data.provenance = R"({"model": {"sha256": "<b>"}, "inputs": ["x", "y"]})";
    const auto html = report_html(data);
    EXPECT_THAT(html, Not(HasSubstr("<script>alert")));
    EXPECT_THAT(html, Not(HasSubstr("http")));
    EXPECT_THAT(html, HasSubstr("id=\"zoom-data\""));
    EXPECT_THAT(html, Not(HasSubstr("<values>")));
    EXPECT_THAT(html, Not(HasSubstr("<code><b>")));
    EXPECT_THAT(html, HasSubstr("a &lt; b"));
    EXPECT_THAT(html, HasSubstr("data:image/png;base64,iVBOR"));
    EXPECT_THAT(html, HasSubstr("66.7 %"));
    EXPECT_THAT(html, HasSubstr("100.00"));  // 10000 pixels of 100 square metres in hectares.
    EXPECT_THAT(html, HasSubstr("+1.50"));
    EXPECT_THAT(html, HasSubstr("model.sha256"));
    EXPECT_EQ(html, report_html(data));
}

TEST_F(Report, LeavesOutWhatIsNotThere) {
    ReportData data;
    data.title = "Nothing";
    const auto html = report_html(data);
    EXPECT_THAT(html, Not(HasSubstr("<section")));
    EXPECT_THAT(html, HasSubstr("<h1>Nothing</h1>"));
}

TEST(QuicklookBands, AreNearestToTheVisibleColours) {
    std::vector<BandInfo> bands(5);
    const double centres[] = {450, 480, 555, 630, 900};
    for (std::size_t i = 0; i < bands.size(); ++i) bands[i].wavelength_nm = centres[i];
    EXPECT_THAT(quicklook_bands(bands), testing::ElementsAre(4, 3, 2));
    bands[1].bad = true;
    EXPECT_THAT(quicklook_bands(bands), testing::ElementsAre(4, 3, 1));
    for (auto& band : bands) band.wavelength_nm.reset();
    EXPECT_THAT(quicklook_bands(bands), testing::ElementsAre(5, 3, 1));
    EXPECT_THAT(quicklook_bands(std::vector<BandInfo>(1)), testing::ElementsAre(1, 1, 1));
}

TEST(PixelArea, IsKnownOnlyWithAProjectedCrs) {
    Grid grid{10, 10, {}};
    grid.georeference.has_geotransform = true;
    grid.georeference.geotransform = {0, 8, 6, 0, 6, -8};
    EXPECT_FALSE(pixel_area_m2(grid));
    grid.georeference.crs_wkt = SRS_WKT_WGS84_LAT_LONG;
    EXPECT_FALSE(pixel_area_m2(grid));
    grid.georeference.crs_wkt = R"(PROJCS["x",)" + std::string(SRS_WKT_WGS84_LAT_LONG) +
                                R"(,PROJECTION["Transverse_Mercator"],UNIT["metre",1]])";
    EXPECT_DOUBLE_EQ(pixel_area_m2(grid).value(), 100);
}

}  // namespace
}  // namespace spectile::products
