// Words, sums and references as STAC writes them.
#include "stac/fields.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spectile::stac {
namespace {

TEST(StacFields, ClassNamesAreWordsAndKeepTheNameInFull) {
    const auto classes = classes_json({{1, "low vegetation", {156, 204, 80}, false},
                                       {2, "low_vegetation", {0, 0, 0}, false},
                                       {3, "Wälder", {0, 0, 0}, false},
                                       {4, "", {0, 0, 0}, false},
                                       {0, "nodata", {}, true}});
    EXPECT_EQ(classes[0].dump(), R"({"value":1,"name":"low_vegetation","title":"low vegetation",)"
                                 R"("description":"low vegetation","color_hint":"9CCC50"})");
    EXPECT_EQ(classes[1]["name"], "low_vegetation_2");
    EXPECT_EQ(classes[2]["name"], "W__lder");
    EXPECT_EQ(classes[2]["title"], "Wälder");
    EXPECT_EQ(classes[3]["name"], "_4");
    EXPECT_EQ(classes[4]["nodata"], true);
    EXPECT_FALSE(classes[4].contains("color_hint"));
}

TEST(StacFields, ChecksumsAreMultihashes) {
    Json asset;
    const std::string sum(64, '7');
    add_file_fields(asset, 12, sum);
    EXPECT_EQ(asset["file:size"], 12);
    EXPECT_EQ(asset["file:checksum"], "1220" + sum);
    EXPECT_EQ(sha256_of_multihash(asset["file:checksum"]), sum);
    EXPECT_EQ(sha256_of_multihash("1114" + std::string(40, '7')), "");  // SHA-1
    EXPECT_EQ(sha256_of_multihash(""), "");
}

TEST(StacFields, TypesHaveStacsNames) {
    EXPECT_EQ(data_type_name(DataType::Byte), "uint8");
    EXPECT_EQ(data_type_name(DataType::UInt16), "uint16");
    EXPECT_EQ(data_type_name(DataType::Float32), "float32");
    EXPECT_EQ(data_type_name(DataType::Complex), "other");
}

TEST(StacFields, HrefsAreRelativeAndLeadBack) {
    for (const auto& [path, href] : {std::pair<std::string, std::string>{"/out/map.tif", "./map.tif"},
                                     {"/out/sub/map.tif", "./sub/map.tif"},
                                     {"/models/m.pt", "../models/m.pt"},
                                     {"/out/a b#1%.tif", "./a%20b%231%25.tif"},
                                     {"/out/Süd.tif", "./S%C3%BCd.tif"}}) {
        EXPECT_EQ(href_of(path, "/out"), href);
        EXPECT_EQ(path_of_href(href, "/out"), path);
    }
    EXPECT_EQ(href_of("https://a.b/c d.json", "/out"), "https://a.b/c d.json");
    EXPECT_EQ(path_of_href("file:///out/a%20b", "/x"), "/out/a b");
    EXPECT_EQ(path_of_href("https://a.b/c", "/out"), "");
    EXPECT_EQ(path_of_href("s3://a/c", "/out"), "");
}

}  // namespace
}  // namespace spectile::stac
