// A model card as an item with the MLM extension.
#include "stac/model_item.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/stac_schemas.hpp"
#include "unit/stac/a_card.hpp"

namespace spectile::stac {
namespace {

using nlohmann::json;

class ModelItems : public testing::Test {
protected:
    json parsed() {
        card.canonical = canonical_model_card(card);
        return json::parse(model_item_text(card, facts, "/items/m.json"));
    }
    static void expect_valid(const json& item) {
        EXPECT_EQ(test::stac_faults_by_hand(item), "");
        if (test::has_stac_schemas()) {
            EXPECT_EQ(test::stac_faults(item), "");
        }
    }
    ModelCard card = test::a_card();
    ModelFacts facts{.traits = {.task = Task::classification, .channels = 2},
                     .parameters = 1234,
                     .card = {"/models/m/model.yaml", 10, std::string(64, 'c')},
                     .weights = ModelFile{"/models/m/weights.safetensors", 20, std::string(64, 'a')},
                     .selftest = {}};
};

TEST_F(ModelItems, SayWhatTheNetworkReadsAndGives) {
    const auto item = parsed();
    expect_valid(item);
    const auto& properties = item["properties"];
    EXPECT_EQ(properties["mlm:name"], "fields - woods");
    EXPECT_EQ(properties["mlm:total_parameters"], 1234);
    EXPECT_EQ(properties["mlm:tasks"], json({"classification"}));
    const auto& input = properties["mlm:input"][0];
    EXPECT_EQ(input["bands"], json({"red", "nir"}));
    EXPECT_EQ(input["input"]["shape"], json({-1, 2, -1, -1}));
    EXPECT_EQ(input["value_scaling"], json::parse(R"([{"type": "z-score", "mean": 0.1, "stddev": 0.5},
                              {"type": "z-score", "mean": 0.3, "stddev": 0.5}])"));
    const auto& output = properties["mlm:output"][0];
    EXPECT_EQ(output["result"]["shape"], json({-1, 2, -1, -1}));
    EXPECT_EQ(output["classification:classes"][0]["title"], "open field");
    const auto& weights = item["assets"]["weights"];
    EXPECT_EQ(weights["href"], "../models/m/weights.safetensors");
    EXPECT_EQ(weights["file:checksum"], "1220" + std::string(64, 'a'));
    EXPECT_EQ(weights["mlm:artifact_type"], "safetensors.torch.save_file");
    EXPECT_EQ(weights["eo:bands"][1],
              json({{"name", "nir"}, {"center_wavelength", 0.833}, {"full_width_half_max", 0.106}}));
}

TEST_F(ModelItems, AFixedTileIsAShape) {
    facts.traits.fixed_tile = true;
    facts.traits.tile = 64;
    facts.traits.halo = 8;
    const auto item = parsed();
    expect_valid(item);
    EXPECT_EQ(item["properties"]["mlm:input"][0]["input"]["shape"], json({-1, 2, 80, 80}));
    EXPECT_EQ(item["properties"]["mlm:output"][0]["result"]["shape"], json({-1, 2, 64, 64}));
}

TEST_F(ModelItems, WithoutWeightsTheCardIsTheModel) {
    card = {};
    card.file = "/models/m/model.yaml";
    card.folder = "/models/m";
    card.name = card.architecture = "identity";
    facts.traits = {};
    facts.weights.reset();
    facts.parameters.reset();
    const auto item = parsed();
    expect_valid(item);
    EXPECT_EQ(item["assets"]["card"]["roles"][0], "mlm:model");
    EXPECT_EQ(item["properties"]["mlm:input"][0]["input"]["dim_order"][1], "channel");
    EXPECT_FALSE(item["properties"].contains("mlm:hyperparameters"));
    EXPECT_FALSE(item["properties"].contains("mlm:total_parameters"));
}

TEST_F(ModelItems, EveryNameBecomesOneThatTheExtensionTakes) {
    for (const char* name : {"m", "7", "-", "", "a/b", "Süd", "model.", "enmap-landcover"}) {
        card.name = name;
        expect_valid(parsed());
    }
    EXPECT_EQ(parsed()["properties"]["mlm:name"], "enmap-landcover");
}

TEST_F(ModelItems, EveryTaskAndPreparationFits) {
    for (const auto task : {Task::bands, Task::classification, Task::segmentation, Task::detection,
                            Task::change, Task::labels}) {
        facts.traits.task = task;
        expect_valid(parsed());
    }
    card.prepare = {test::a_step("clip", R"({"min": 0, "max": 1})"), test::a_step("normalise", "{}")};
    const auto item = parsed();
    expect_valid(item);
    const auto& input = item["properties"]["mlm:input"][0];
    EXPECT_FALSE(input.contains("value_scaling"));
    EXPECT_EQ(input["pre_processing_function"]["expression"][1], json({{"normalise", json::object()}}));
}

TEST_F(ModelItems, TheSchemaRefusesWhatIsWrong) {
    if (!test::has_stac_schemas()) GTEST_SKIP() << "no ../shared/schemas beside the source tree";
    auto item = parsed();
    item["properties"]["mlm:tasks"] = {"mapping"};
    EXPECT_NE(test::stac_faults(item), "");
    item = parsed();
    item["assets"]["weights"].erase("mlm:artifact_type");
    EXPECT_NE(test::stac_faults(item), "");
    item = parsed();
    item["assets"]["weights"].erase("eo:bands");
    EXPECT_NE(test::stac_faults(item), "");
}

}  // namespace
}  // namespace spectile::stac
