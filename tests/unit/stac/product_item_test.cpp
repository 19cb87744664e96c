// The item beside the products of a run.
#include "stac/product_item.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "support/stac_schemas.hpp"
#include "unit/stac/a_card.hpp"

namespace spectile::stac {
namespace {

using nlohmann::json;

const char* const kSquare =
    R"({"type": "Polygon", "coordinates": [[[1, 2], [3, 2], [3, 4], [1, 4], [1, 2]]]})";

class ProductItems : public testing::Test {
protected:
    ProductItem an_item() {
        ProductItem item{.path = "/out/map.json",
                         .scene = "scene",
                         .place = {.geometry = kSquare,
                                   .bbox = {1, 2, 3, 4},
                                   .crs_code = "EPSG:32633",
                                   .crs_projjson = {},
                                   .width = 20,
                                   .height = 10,
                                   .geotransform = std::array<double, 6>{100, 30, 0, 500, 0, -30}},
                         .time = ItemTime{"2020-07-01T10:20:30Z", "2020-07-01T10:20:30Z"},
                         .assets = {},
                         .card = card,
                         .model_item = "/models/m/model.stac.json",
                         .recipe = "abc",
                         .weights_sha256 = {}};
        ProductAsset map{
            .kind = "class_map", .path = "/out/map.tif", .media_type = "image/tiff", .roles = {"data"}};
        map.bytes = 5;
        map.sha256 = std::string(64, '0');
        map.bands = {{"class", {}, {}}};
        map.nodata = 0;
        map.classes = item_classes(card);
        item.assets = {
            map, {.kind = "report", .path = "/out/r.html", .media_type = "text/html", .roles = {"overview"}}};
        return item;
    }
    static json parsed(const ProductItem& item) { return json::parse(product_item_text(item)); }
    void expect_valid(const json& item) {
        EXPECT_EQ(test::stac_faults_by_hand(item), "");
        if (test::has_stac_schemas()) {
            EXPECT_EQ(test::stac_faults(item), "");
        }
    }
    const ModelCard card = test::a_card();
};

TEST_F(ProductItems, OfAMosaicLinkTheItemsOfItsScenes) {
    auto mosaic = an_item();
    mosaic.scene = "all";
    mosaic.scenes = 2;
    mosaic.scene_items = {"/out/one.json", "/elsewhere/two.json"};
    const auto item = parsed(mosaic);
    expect_valid(item);
    EXPECT_EQ(item["properties"]["title"], card.name + " of 2 scenes");
    EXPECT_THAT(item["properties"]["processing:lineage"].get<std::string>(),
                testing::HasSubstr("over 2 scenes by"));
    ASSERT_EQ(item["links"].size(), 3U) << "two scenes and the model";
    EXPECT_EQ(item["links"][0]["href"], "./one.json");
    EXPECT_EQ(item["links"][1]["href"], "../elsewhere/two.json");
    for (const auto& link : item["links"]) EXPECT_EQ(link["rel"], "derived_from");
}

TEST_F(ProductItems, SayWhereWhenAndWhat) {
    const auto item = parsed(an_item());
    expect_valid(item);
    EXPECT_EQ(item["bbox"], json({1, 2, 3, 4}));
    EXPECT_EQ(item["properties"]["datetime"], "2020-07-01T10:20:30Z");
    EXPECT_EQ(item["properties"]["proj:code"], "EPSG:32633");
    EXPECT_EQ(item["properties"]["proj:shape"], json({10, 20}));
    EXPECT_EQ(item["properties"]["proj:transform"], json({30, 0, 100, 0, -30, 500}));
    EXPECT_EQ(item["properties"]["proj:bbox"], json({100, 200, 700, 500}));
    const auto& map = item["assets"]["class_map"];
    EXPECT_EQ(map["href"], "./map.tif");
    EXPECT_EQ(map["file:size"], 5);
    EXPECT_EQ(map["classification:classes"][0]["name"], "open_field");
    EXPECT_EQ(map["classification:classes"][0]["color_hint"], "0102FF");
    EXPECT_EQ(map["data_type"], "uint8");
    // A page tells when it was made: its sum would differ from run to run.
    EXPECT_FALSE(item["assets"]["report"].contains("file:checksum"));
    EXPECT_EQ(item["links"][0]["rel"], "derived_from");
    EXPECT_EQ(item["links"][0]["href"], "../models/m/model.stac.json");
    EXPECT_EQ(item["links"][0]["mlm:architecture"], "spectral_mamba");
}

TEST_F(ProductItems, WithoutPlaceTimeOrModel) {
    auto made = an_item();
    made.place = {.geometry = {},
                  .bbox = {},
                  .crs_code = {},
                  .crs_projjson = {},
                  .width = 20,
                  .height = 10,
                  .geotransform = {}};
    made.time.reset();
    made.model_item.clear();
    const auto item = parsed(made);
    expect_valid(item);
    EXPECT_TRUE(item["geometry"].is_null());
    EXPECT_FALSE(item.contains("bbox"));
    EXPECT_TRUE(item["properties"]["datetime"].is_null());
    EXPECT_TRUE(item["properties"]["proj:code"].is_null());
    EXPECT_TRUE(item["links"].empty());
}

TEST_F(ProductItems, ARangeOfTimesAndACrsWithoutACode) {
    auto made = an_item();
    made.time = ItemTime{"2020-07-01T00:00:00Z", "2020-07-01T23:59:59Z"};
    made.place.crs_code.clear();
    made.place.crs_projjson = R"({"type": "ProjectedCRS", "name": "n"})";
    const auto item = parsed(made);
    expect_valid(item);
    EXPECT_TRUE(item["properties"]["datetime"].is_null());
    EXPECT_EQ(item["properties"]["end_datetime"], "2020-07-01T23:59:59Z");
    EXPECT_EQ(item["properties"]["proj:projjson"]["name"], "n");
}

TEST_F(ProductItems, BandsHaveWavelengthsInMicrometresAndNanHasAWord) {
    auto made = an_item();
    auto& asset = made.assets[0];
    asset.classes.clear();
    asset.type = DataType::Float32;
    asset.nodata = std::nan("");
    asset.scale = 0.5;
    asset.bands = {{"red", 665, 31}};
    const auto item = parsed(made);
    expect_valid(item);
    const auto& out = item["assets"]["class_map"];
    EXPECT_EQ(out["nodata"], "nan");
    EXPECT_EQ(out["raster:scale"], 0.5);
    EXPECT_EQ(out["bands"][0],
              json({{"name", "red"}, {"eo:center_wavelength", 0.665}, {"eo:full_width_half_max", 0.031}}));
    EXPECT_THAT(item["stac_extensions"].dump(), testing::Not(testing::HasSubstr("classification")));
}

TEST_F(ProductItems, TheSchemasRefuseWhatIsWrong) {
    if (!test::has_stac_schemas()) GTEST_SKIP() << "no ../shared/schemas beside the source tree";
    const auto good = parsed(an_item());
    const auto faults = [&](const char* pointer, const json& value) {
        auto bad = good;
        bad[json::json_pointer(pointer)] = value;
        return test::stac_faults(bad);
    };
    EXPECT_NE(faults("/bbox", json({1, 2, 3})), "");
    EXPECT_NE(faults("/properties/datetime", nullptr), "");
    EXPECT_NE(faults("/properties/datetime", "2020-07-01"), "");
    EXPECT_NE(faults("/stac_version", "0.9.0"), "");
    EXPECT_NE(faults("/assets/class_map/classification:classes/0/name", "open field"), "");
    EXPECT_NE(faults("/assets/class_map/classification:classes/0/color_hint", "#0102ff"), "");
    EXPECT_NE(faults("/assets/class_map/data_type", "Byte"), "");
    EXPECT_NE(faults("/assets/class_map/href", ""), "");
}

}  // namespace
}  // namespace spectile::stac
