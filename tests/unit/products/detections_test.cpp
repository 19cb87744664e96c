#include "products/detections.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ogrsf_frmts.h>
#include <unistd.h>

#include <cmath>

#include "products/detection_table.hpp"
#include "products/gdal_dataset.hpp"
#include "products_fixture.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

/// Scores drawn with letters: '#' 0.9, '+' 0.6, '.' 0.1, '-' no measurement.
class Detections : public testing::Test {
protected:
    void draw(const std::vector<std::string>& rows) {
        GDALAllRegister();
        const int width = static_cast<int>(rows[0].size()), height = static_cast<int>(rows.size());
        auto* driver = GetGDALDriverManager()->GetDriverByName("GTiff");
        DatasetHandle scores(
            driver->Create((folder_ / "scores.tif").c_str(), width, height, 1, GDT_Float32, nullptr));
        scores->GetRasterBand(1)->SetNoDataValue(-1);
        std::vector<float> values;
        for (const auto& row : rows)
            for (const char c : row)
                values.push_back(c == '#' ? 0.9F : c == '+' ? 0.6F : c == '-' ? -1.0F : 0.1F);
        ASSERT_EQ(scores->GetRasterBand(1)->RasterIO(GF_Write, 0, 0, width, height, values.data(), width,
                                                     height, GDT_Float32, 0, 0, nullptr),
                  CE_None);
        grid_.width = width;
        grid_.height = height;
    }
    void place(int epsg, const std::array<double, 6>& geotransform) {
        OGRSpatialReference crs;
        crs.importFromEPSG(epsg);
        char* wkt = nullptr;
        crs.exportToWkt(&wkt);
        grid_.georeference.crs_wkt = wkt;
        CPLFree(wkt);
        grid_.georeference.has_geotransform = true;
        grid_.georeference.geotransform = geotransform;
    }
    std::int64_t write(const std::string& name, const std::string& parameters = "{}") {
        ProductDefinition definition;
        definition.kind = "detections";
        definition.path = folder_ / name;
        definition.parameters = parameters;
        return write_detections(definition, {folder_ / "scores.tif", folder_ / name, grid_, "frame"});
    }
    /// Calls body(feature) for every feature of a file.
    template <typename Body>
    void features(const std::string& name, Body body) {
        DatasetHandle file(GDALDataset::Open((folder_ / name).c_str(), GDAL_OF_VECTOR));
        ASSERT_TRUE(file);
        for (const auto& feature : *file->GetLayer(0)) body(*feature);
    }
    ScratchFolder folder_;
    Grid grid_;
};

TEST_F(Detections, TouchingCornersAreOneTargetWithAValidOutline) {
    draw({"#...-", ".#...", "+...#"});
    EXPECT_EQ(write("t.gpkg"), 2);
    std::vector<std::int64_t> areas;
    features("t.gpkg", [&](OGRFeature& f) {
        areas.push_back(f.GetFieldAsInteger64("area_px"));
        EXPECT_TRUE(f.GetGeometryRef()->IsValid());
        EXPECT_EQ(wkbFlatten(f.GetGeometryRef()->getGeometryType()), wkbMultiPolygon);
        EXPECT_NEAR(f.GetGeometryRef()->toMultiPolygon()->get_Area(), areas.back(), 1e-9);
        EXPECT_STREQ(f.GetFieldAsString("units"), "pixels");
        EXPECT_FALSE(f.IsFieldSetAndNotNull(f.GetFieldIndex("lon")));
    });
    EXPECT_THAT(areas, testing::ElementsAre(3, 1));
}

TEST_F(Detections, HasCentroidScoresAndBoxOfItsOwnPixels) {
    draw({".....#", ".##...", ".+#...", "......"});
    place(32633, {500000, 10, 0, 5800000, 0, -10});
    EXPECT_EQ(write("t.geojson"), 2);
    int seen = 0;
    features("t.geojson", [&](OGRFeature& f) {
        if (f.GetFieldAsInteger64("area_px") != 4) return;
        ++seen;
        EXPECT_DOUBLE_EQ(f.GetFieldAsDouble("x"), 500020);
        EXPECT_DOUBLE_EQ(f.GetFieldAsDouble("y"), 5799980);
        EXPECT_NEAR(f.GetFieldAsDouble("lon"), 15.0003, 1e-4);
        EXPECT_NEAR(f.GetFieldAsDouble("lat"), 52.35, 0.01);
        EXPECT_DOUBLE_EQ(f.GetFieldAsDouble("area_m2"), 400);
        EXPECT_NEAR(f.GetFieldAsDouble("mean_score"), (3 * 0.9 + 0.6) / 4, 1e-6);
        EXPECT_NEAR(f.GetFieldAsDouble("max_score"), 0.9, 1e-6);
        EXPECT_DOUBLE_EQ(f.GetFieldAsDouble("xmin"), 500010);
        EXPECT_DOUBLE_EQ(f.GetFieldAsDouble("ymax"), 5799990);
        EXPECT_STREQ(f.GetFieldAsString("scene"), "frame");
    });
    EXPECT_EQ(seen, 1);
}

TEST_F(Detections, DegreesGiveSquareMetresToo) {
    draw({"...", ".#.", "..."});
    place(4326, {10, 0.001, 0, 60, 0, -0.001});
    EXPECT_EQ(write("t.fgb"), 1);
    features("t.fgb", [&](OGRFeature& f) {
        // On the ellipsoid at 59.9985 N a degree is 55,802 m by 111,412 m.
        EXPECT_NEAR(f.GetFieldAsDouble("area_m2"), 55.802 * 111.412, 15);
    });
}

TEST_F(Detections, ATargetInsideAnothersBoxKeepsItsOwnScores) {
    draw({"#####", "#...#", "#.+.#", "#...#", "#####"});
    EXPECT_EQ(write("t.csv"), 2);
    std::vector<double> scores;
    features("t.csv", [&](OGRFeature& f) { scores.push_back(f.GetFieldAsDouble("max_score")); });
    EXPECT_THAT(scores, testing::ElementsAre(testing::DoubleNear(0.9, 1e-6), testing::DoubleNear(0.6, 1e-6)));
}

TEST_F(Detections, ThresholdIsStrictAndAnEmptyTableIsWritten) {
    draw({"+.", ".#"});
    EXPECT_EQ(write("a.gpkg", R"({"threshold": 0.7})"), 1);
    EXPECT_EQ(write("b.gpkg", R"({"threshold": 0.95})"), 0);
    int count = 0;
    features("b.gpkg", [&](OGRFeature&) { ++count; });
    EXPECT_EQ(count, 0);
}

TEST_F(Detections, BytesAreEqualEachTime) {
    draw({"#.#", "...", "+.#"});
    place(32633, {500000, 10, 0, 5800000, 0, -10});
    for (const std::string extension : {"gpkg", "geojson", "fgb", "csv"}) {
        write("layer." + extension);
        const auto first = bytes_of(folder_ / ("layer." + extension));
        std::filesystem::remove(folder_ / ("layer." + extension));
        ::usleep(1'100'000);  // A file that holds its time would differ.
        write("layer." + extension);
        EXPECT_EQ(first, bytes_of(folder_ / ("layer." + extension))) << extension;
    }
}

TEST_F(Detections, AnUnknownExtensionIsRefused) {
    draw({"#"});
    try {
        write("t.xyz");
        FAIL() << "nothing was thrown";
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Code::definition);
        EXPECT_THAT(e.what(), testing::HasSubstr(".gpkg, .geojson, .fgb, .parquet or .csv"));
    }
}

/// Detections of several scenes as one table.
class Table : public Detections {
protected:
    void join(const std::vector<std::string>& names, const std::string& target, const std::string& driver,
              const std::string& crs = "") {
        DetectionTable table{{}, driver, crs, "mosaic.detections: "};
        for (const auto& name : names) table.files.push_back(folder_ / name);
        write_detection_table(table, folder_ / target);
    }
};

TEST_F(Table, HoldsEveryFrameInPixelsWhereNoneIsOnTheGround) {
    draw({"#...", "...#"});
    write("a.gpkg");
    draw({".#.."});
    write("b.gpkg");
    join({"a.gpkg", "b.gpkg"}, "all.gpkg", "GPKG");
    std::vector<std::int64_t> ids;
    features("all.gpkg", [&](OGRFeature& f) {
        ids.push_back(f.GetFieldAsInteger64("id"));
        EXPECT_STREQ(f.GetFieldAsString("units"), "pixels");
        EXPECT_EQ(wkbFlatten(f.GetGeometryRef()->getGeometryType()), wkbMultiPolygon);
    });
    EXPECT_THAT(ids, testing::ElementsAre(1, 2, 3));
    const auto bytes = bytes_of(folder_ / "all.gpkg");
    std::filesystem::remove(folder_ / "all.gpkg");
    join({"a.gpkg", "b.gpkg"}, "all.gpkg", "GPKG");
    EXPECT_EQ(bytes_of(folder_ / "all.gpkg"), bytes);
}

TEST_F(Table, BringsScenesOfOtherZonesIntoItsOwnCrs) {
    draw({"...", ".#.", "..."});
    place(32633, {500000, 10, 0, 5800000, 0, -10});
    write("a.gpkg");
    place(32632, {905000, 10, 0, 5810000, 0, -10});
    write("b.gpkg");
    for (const std::string crs : {"", "EPSG:4326"}) {
        std::filesystem::remove(folder_ / "all.geojson");
        join({"a.gpkg", "b.gpkg"}, crs.empty() ? "all.gpkg" : "all.fgb", crs.empty() ? "GPKG" : "FlatGeobuf",
             crs);
        int rows = 0;
        features(crs.empty() ? "all.gpkg" : "all.fgb", [&](OGRFeature& f) {
            ++rows;
            OGRPoint centre;
            f.GetGeometryRef()->Centroid(&centre);
            const double near = crs.empty() ? 0.01 : 1e-7;
            EXPECT_NEAR(f.GetFieldAsDouble("x"), centre.getX(), near);
            EXPECT_NEAR(f.GetFieldAsDouble("y"), centre.getY(), near);
            EXPECT_LT(f.GetFieldAsDouble("xmin"), centre.getX());
            EXPECT_GT(f.GetFieldAsDouble("ymax"), centre.getY());
            if (!crs.empty()) {
                EXPECT_NEAR(f.GetFieldAsDouble("lon"), centre.getX(), 1e-6);
                EXPECT_NEAR(f.GetFieldAsDouble("lat"), centre.getY(), 1e-6);
            } else {
                EXPECT_NEAR(f.GetFieldAsDouble("x"), 500000, 30000) << "zone 33";
            }
        });
        EXPECT_EQ(rows, 2);
    }
}

TEST_F(Table, ScenesWithAndWithoutACrsAreNotMixed) {
    draw({"#.."});
    write("a.gpkg");
    place(32633, {500000, 10, 0, 5800000, 0, -10});
    write("b.gpkg");
    try {
        join({"a.gpkg", "b.gpkg"}, "all.gpkg", "GPKG");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::definition);
        EXPECT_THAT(error.what(), testing::HasSubstr("one table cannot hold both"));
    }
}

TEST_F(Table, CsvHasARowADetection) {
    draw({"#...", "...#"});
    write("a.csv");
    join({"a.csv", "a.csv"}, "all.csv", "CSV");
    EXPECT_THAT(bytes_of(folder_ / "all.csv"), testing::StartsWith("id,scene,x,y,"));
    int rows = 0;
    features("all.csv", [&](OGRFeature&) { ++rows; });
    EXPECT_EQ(rows, 4);
}

}  // namespace
}  // namespace spectile::products
