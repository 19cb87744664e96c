#include "products/record.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "products_fixture.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

ProductRecord sample() {
    ProductRecord record;
    record.version = "1.2.3";
    record.kind = "class_map";
    record.recipe = "ab12";
    record.recipe_text = R"({"model":"cd34","inputs":["ef56"]})";
    record.files = {{"map.tif", 1234, "aa"}, {"map.tif.aux.xml", 56, "bb"}};
    record.width = 300;
    record.height = 200;
    record.block = 512;
    record.bands = 1;
    record.type = "Byte";
    record.blocks = {"0123456789abcdef"};
    record.pixels_of_value = {{0, 10}, {3, 20}};
    return record;
}

TEST(ProductRecord, ComesBackFromItsText) {
    EXPECT_EQ(record_of_json(to_json(sample()), "record"), sample());
    ProductRecord file = sample();
    file.block = file.bands = 0;
    file.width = file.height = 0;
    file.type.clear();
    file.blocks.clear();
    file.pixels_of_value.clear();
    EXPECT_EQ(record_of_json(to_json(file), "record"), file);
}

TEST(ProductRecord, EqualProductsInOtherFoldersHaveEqualRecords) {
    std::string first;
    for (const int part : {128, 512}) {
        const ScratchFolder folder;
        RasterFormat format;
        auto job = job_of<std::uint8_t>(
            folder, {300, 200, {}}, format, 128, part,
            [](int, std::int64_t row, std::int64_t col) -> std::uint8_t { return row ^ col; });
        const auto result = assemble(job);
        const auto text = to_json(make_record("mask", "{}", job, result));
        EXPECT_THAT(text, testing::Not(testing::HasSubstr(folder.path())));
        if (first.empty()) first = text;
        EXPECT_EQ(text, first);
    }
}

TEST(ProductRecord, DamagedRecordsAreNamed) {
    for (const char* text : {"", "[]", "{\"form\": 1}", "{\"form\": 99}", "{\"form\": \"x\"}"}) {
        try {
            record_of_json(text, "map.tif.spectile.json");
            ADD_FAILURE() << text;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Code::verification);
            EXPECT_THAT(error.what(), testing::StartsWith("map.tif.spectile.json: "));
        }
    }
}

TEST(Provenance, KeepsExecutionApart) {
    const auto json = nlohmann::json::parse(provenance_text(R"({"scene": "a.hdr"})", R"({"threads": 2})"));
    EXPECT_EQ(json.at("scene"), "a.hdr");
    EXPECT_EQ(json.at("execution").at("threads"), 2);
    EXPECT_THROW(provenance_text("[]", "{}"), Error);
}

}  // namespace
}  // namespace spectile::products
