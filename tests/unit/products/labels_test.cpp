#include "products/labels.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ogrsf_frmts.h>

#include "products/gdal_dataset.hpp"
#include "products/label_raster.hpp"
#include "products_fixture.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

using testing::HasSubstr;

/// Two tiles of 4 x 4 pixels beside each other and one that holds no measurement, three classes.
class TileLabels : public testing::Test {
protected:
    TileLabels() {
        card_.classes[1].name = "Water";  // GeoPackage tells it from "water" by nothing.
        traits_.task = Task::labels;
        traits_.channels = 3;
        for (int col = 0; col < 3; ++col)
            tiles_.tiles.push_back({.col = col,
                                    .row = 0,
                                    .core = {4 * col, 0, col == 2 ? 2 : 4, 4},
                                    .read = {col == 2 ? 6 : 4 * col, 0, 4, 4}});
        tiles_.labels = {{{0.5F, 0.25F, 0.25F}, 16}, {{0.25F, 0.375F, 0.375F}, 4}, {{}, 0}};
        definition_.kind = "labels";
        definition_.path = folder_ / "labels.gpkg";
    }
    ProductContext context() const { return {card_, traits_, scene_, bands_, false}; }
    LabelFiles files() const { return {.target = folder_ / "labels.gpkg", .grid = grid_, .scene = "s"}; }

    ScratchFolder folder_;
    ModelCard card_ = landcover_card();
    ModelTraits traits_;
    SceneInfo scene_;
    std::vector<BandInfo> bands_;
    LabelledTiles tiles_;
    ProductDefinition definition_;
    Grid grid_{10, 4, {}};
};

TEST_F(TileLabels, AFeatureForEachTileWithAMeasurement) {
    EXPECT_EQ(write_labels(definition_, context(), tiles_, files()), 2);
    DatasetHandle file(GDALDataset::Open((folder_ / "labels.gpkg").c_str(), GDAL_OF_VECTOR));
    ASSERT_TRUE(file);
    std::vector<std::string> names;
    for (const auto& feature : *file->GetLayer(0)) {
        names.emplace_back(feature->GetFieldAsString("name"));
        EXPECT_EQ(feature->GetFieldAsInteger("label_count"), 1);
        EXPECT_STREQ(feature->GetFieldAsString("units"), "pixels");
    }
    EXPECT_THAT(names, testing::ElementsAre("water", "Water")) << "the first of equals";
    const auto* columns = file->GetLayer(0)->GetLayerDefn();
    EXPECT_GE(columns->GetFieldIndex("score_water"), 0);
    EXPECT_GE(columns->GetFieldIndex("score_Water_3"), 0) << "a name that is there in another case";
    double valid = -1;
    for (const auto& feature : *file->GetLayer(0)) valid = feature->GetFieldAsDouble("valid");
    EXPECT_EQ(valid, 0.25);
}

TEST_F(TileLabels, TheFileIsTheSameEachTime) {
    write_labels(definition_, context(), tiles_, files());
    const auto first = bytes_of(folder_ / "labels.gpkg");
    std::filesystem::remove(folder_ / "labels.gpkg");
    write_labels(definition_, context(), tiles_, files());
    EXPECT_EQ(bytes_of(folder_ / "labels.gpkg") == first, true);
}

TEST_F(TileLabels, TheRasterHasAPixelForEachTile) {
    AssembleJob job;
    job.grid = grid_;
    job.block = 16;
    write_label_raster({definition_, context(), tiles_, {0, 0, 4, 4}}, folder_ / "part.tif", job);
    EXPECT_EQ(job.grid.width, 3);
    EXPECT_EQ(job.grid.height, 1);
    const auto raster = open(folder_ / "part.tif");
    std::uint8_t values[3] = {};
    ASSERT_EQ(raster->GetRasterBand(1)->RasterIO(GF_Read, 0, 0, 3, 1, values, 3, 1, GDT_Byte, 0, 0, nullptr),
              CE_None);
    EXPECT_THAT(values, testing::ElementsAre(1, 3, 0)) << "class values, and nodata";
}

TEST_F(TileLabels, AThresholdBeyondProbabilitiesIsRefused) {
    definition_.parameters = R"({"threshold": 1})";
    try {
        check_labels(definition_, context());
        FAIL() << "accepted";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("products.labels: threshold: must be at least 0 and below 1"));
    }
}

TEST(TilePixels, LieWhereTheTilesLie) {
    Grid scores{500, 400, {}};
    scores.georeference.has_geotransform = true;
    scores.georeference.geotransform = {1000, 8, 6, 2000, 6, -8};  // Turned.
    scores.georeference.gcps = {{.id = "a", .info = {}, .pixel = 110, .line = 30, .crs_x = 5}};
    const Grid tiles = tile_pixels(scores, {10, 20, 100, 50}, {1, 2, 3, 4});
    EXPECT_EQ(tiles.width, 3);
    EXPECT_EQ(tiles.height, 4);
    // Column 110, row 120.
    EXPECT_THAT(tiles.georeference.geotransform,
                testing::ElementsAre(1000 + 880 + 720, 800, 300, 2000 + 660 - 960, 600, -400));
    EXPECT_EQ(tiles.georeference.gcps[0].pixel, 0);
    EXPECT_EQ(tiles.georeference.gcps[0].line, (30 - 120) / 50.0);
}

}  // namespace
}  // namespace spectile::products
