// The committed schemas and page are those that the declarations make, and say the same as the readers.
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "definition_files.hpp"
#include "pipeline/definition_schemas.hpp"
#include "pipeline/format_examples.hpp"
#include "pipeline/known_names.hpp"
#include "pipeline/read_pipeline.hpp"
#include "pipeline/yaml_text.hpp"

namespace spectile {
namespace {

const std::string kSource = SPECTILE_SOURCE_DIR;
const char* const kRemedy = "run: cmake --build BUILD --target spectile_schemas";

class Schema {
public:
    explicit Schema(DefinitionKind kind) : json_(nlohmann::json::parse(schema_json(kind))) {
        valijson::SchemaParser parser;
        parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(json_), schema_);
    }
    bool accepts(const std::string& yaml) {
        const auto json = definition::json_of(definition::parse_yaml(yaml, "test", Code::definition));
        valijson::Validator validator;
        return validator.validate(schema_, valijson::adapters::NlohmannJsonAdapter(json), nullptr);
    }

private:
    nlohmann::json json_;
    valijson::Schema schema_;
};

TEST(Schemas, CommittedFilesAreUpToDate) {
    EXPECT_EQ(text_of(kSource + "/pipelines/pipeline.schema.json"), schema_json(DefinitionKind::pipeline))
        << kRemedy;
    EXPECT_EQ(text_of(kSource + "/pipelines/model.schema.json"), schema_json(DefinitionKind::model))
        << kRemedy;
    EXPECT_EQ(text_of(kSource + "/pipelines/training.schema.json"), schema_json(DefinitionKind::training))
        << kRemedy;
    EXPECT_EQ(text_of(kSource + "/docs/PIPELINE_FORMAT.md"), format_markdown()) << kRemedy;
}

TEST(Schemas, AcceptTheExamples) {
    for (const auto kind : {DefinitionKind::pipeline, DefinitionKind::model, DefinitionKind::training})
        EXPECT_TRUE(Schema(kind).accepts(definition::example_of(kind))) << definition::example_of(kind);
    Schema model(DefinitionKind::model);
    EXPECT_TRUE(model.accepts("spectile: 1\narchitecture: identity\n"));
    EXPECT_TRUE(model.accepts("spectile: 1\narchitecture: a\nbands: 5\nclasses: [a, b]\n"));
}

TEST(Schemas, AcceptWhatTheReaderAccepts) {
    Schema schema(DefinitionKind::pipeline);
    const std::string head = "spectile: 1\nmodel: m\nproducts: {class_map: '{stem}.tif'}\n";
    for (const std::string rest :
         {"scene: a", "scene: [a, b]", "scene: {before: a, after: b}",
          "scene: {path: [a, b], nodata: 0, bands: [1]}",
          "scene: {path: a, wavelengths: w.csv, options: [A=1]}", "scenes: '*.tif'",
          "scenes: [a, {path: b, scale: 2}]", "scenes: {from: items.json, assets: [B02]}",
          "scene: a\naoi: {window: [0, 0, 1, 1]}\nmask: m", "scene: a\nprepare: [clip, scale: {factor: 2}]",
          "scene: a\ntiling: {tile: 3, blend: none}\nlossy: true"})
        EXPECT_TRUE(schema.accepts(head + rest)) << rest;
    EXPECT_TRUE(schema.accepts(head + "scene: ${SCENE}\nvars: {TILE: 3}\ntiling:\n  tile: ${TILE}\n"));
}

TEST(Schemas, RefuseWhatTheReaderRefuses) {
    Schema schema(DefinitionKind::pipeline);
    const std::string head = "spectile: 1\nmodel: m\nproducts: {class_map: a.tif}\n";
    EXPECT_TRUE(schema.accepts(head + "scene: a"));
    for (const std::string rest :
         {"", "scene: a\nscenes: [b]", "scene: a\nmodle: m", "scene: a\ntiling: {tile: 0}",
          "scene: a\ntiling: {tile: big}", "scene: a\ntiling: {halo: 1.5}", "scene: a\nlossy: 3",
          "scene: {path: a, bands: [0]}", "scene: a\naoi: {window: [0, 0, 1]}", "scene: a\naoi: {crs: x}",
          "scene: a\nprepare: clip", "scene: a\nprepare: [{a: {}, b: {}}]",
          "scene: {path: a, wavelengths: [0]}"}) {
        EXPECT_FALSE(schema.accepts(head + rest)) << rest;
        EXPECT_THROW(read_pipeline_text(head + rest, "my.yaml", {}), Error) << rest;
    }
    EXPECT_FALSE(Schema(DefinitionKind::model)
                     .accepts("spectile: 1\narchitecture: a\nclasses: [{name: a, color: red}]\n"));
    EXPECT_FALSE(
        Schema(DefinitionKind::training)
            .accepts("spectile: 1\narchitecture: a\noutput: o\nscene: a\nlabels: b\nrecipe: {epochs: 0}\n"));
}

TEST(Schemas, PageNamesEveryKey) {
    const std::string page = format_markdown();
    for (const auto kind : {DefinitionKind::pipeline, DefinitionKind::model, DefinitionKind::training})
        for (const auto& key : definition::rule_of(kind)->keys)
            EXPECT_THAT(page, testing::HasSubstr("| `" + key.name + "` |"));
    for (const auto& kind : product_kinds()) EXPECT_THAT(page, testing::HasSubstr("| `" + kind + "` |"));
}

TEST(ReadyPipelines, AreValid) {
    int found = 0;
    for (const auto& entry : std::filesystem::directory_iterator(kSource + "/pipelines")) {
        if (entry.path().extension() != ".yaml") continue;
        ++found;
        const auto file = entry.path().string();
        EXPECT_TRUE(Schema(DefinitionKind::pipeline).accepts(text_of(file))) << file;
        const std::vector<std::string> variables = {"vars.SCENE=/data/scene.tif",
                                                    "vars.BEFORE=/data/before.tif",
                                                    "vars.AFTER=/data/after.tif", "vars.MODEL=/models/mine"};
        EXPECT_FALSE(read_pipeline(file, variables).products.empty()) << file;
    }
    EXPECT_GE(found, 1);
}

}  // namespace
}  // namespace spectile
